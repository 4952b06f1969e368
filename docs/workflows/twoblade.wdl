version 1.1

## `twoblade rhe` in parts: a plan, pass one of each shard, sums of states in two steps, pass two of each
## shard, and the result; the same bytes as of one process. Engines keep finished shards in their call
## cache, and try again what failed or was preempted; shards have no checkpoints here, since the disk goes
## with the machine, so choose them short. Machines must be of one kind: shards on other instructions
## (AVX-512) than those of the plan are refused.

struct Study {
  File bed
  File bim
  File fam
  File pheno
  File? annot
  File? covar
}

workflow twoblade_rhe {
  input {
    Study study
    # Further options of `twoblade rhe`, such as "--blocks 100 --probes 50".
    String options = ""
    # The results are OUT.json and the files beside it.
    String out = "result"
    Int shards = 20
    # States that one task of the first step adds.
    Int fan_in = 10
    # An image that has `twoblade`.
    String docker
    Int cpu = 2
    # Of a task. 100 of them are for the program itself, the rest is --memory.
    Int memory_mib = 8000
    Int preemptible = 3
    Int max_retries = 2
  }

  call make_plan {
    input: study, options, docker, cpu, memory_mib, preemptible, max_retries
  }
  scatter (shard in range(shards)) {
    call pass_one {
      input: study, plan = make_plan.plan, shard = shard + 1, shards, docker, cpu, memory_mib, preemptible,
        max_retries
    }
  }
  scatter (group in range((shards + fan_in - 1) / fan_in)) {
    Int first = group * fan_in
    Int rest = shards - first
    scatter (place in range(if rest < fan_in then rest else fan_in)) {
      File added = pass_one.state[first + place]
    }
    call merge as sum {
      input: states = added, docker, memory_mib, preemptible, max_retries
    }
  }
  call merge as total {
    input: states = sum.state, docker, memory_mib, preemptible, max_retries
  }
  scatter (shard in range(shards)) {
    call pass_two {
      input: study, plan = make_plan.plan, total = total.state, shard = shard + 1, shards, docker, cpu,
        memory_mib, preemptible, max_retries
    }
  }
  call finish {
    input: study, plan = make_plan.plan, total = total.state, estimates = pass_two.estimates, out, docker,
      cpu, memory_mib, preemptible, max_retries
  }

  output {
    File json = finish.json
    File tsv = finish.tsv
    Array[File] how = finish.how
  }
}

# What every shard must find: options, data, blocks. It names the files of the study, which lie under
# these names in the folder of each task.
task make_plan {
  input {
    Study study
    String options
    String docker
    Int cpu
    Int memory_mib
    Int preemptible
    Int max_retries
  }
  Int disk_gb = 10 + ceil(size([study.bed, study.bim, study.fam, study.pheno], "GB"))

  command <<<
    set -eu
    ln -s '~{study.bed}' study.bed
    ln -s '~{study.bim}' study.bim
    ln -s '~{study.fam}' study.fam
    ln -s '~{study.pheno}' study.pheno
    ~{if defined(study.annot) then "ln -s '~{study.annot}' study.annot" else ""}
    ~{if defined(study.covar) then "ln -s '~{study.covar}' study.covar" else ""}
    twoblade rhe --bfile study --pheno study.pheno \
      ~{if defined(study.annot) then "--annot study.annot" else ""} \
      ~{if defined(study.covar) then "--covar study.covar" else ""} ~{options} \
      --threads ~{cpu} --memory ~{memory_mib - 100}M --plan-out plan.json
  >>>
  output {
    File plan = "plan.json"
  }
  runtime {
    docker: docker
    cpu: cpu
    memory: "~{memory_mib} MiB"
    disks: "local-disk ~{disk_gb} SSD"
    preemptible: preemptible
    maxRetries: max_retries
  }
}

task pass_one {
  input {
    Study study
    File plan
    Int shard
    Int shards
    String docker
    Int cpu
    Int memory_mib
    Int preemptible
    Int max_retries
  }
  # A state is smaller than the memory that holds it.
  Int disk_gb = 10 + ceil(size([study.bed, study.bim, study.fam, study.pheno], "GB") + memory_mib / 900.0)

  command <<<
    set -eu
    ln -s '~{study.bed}' study.bed
    ln -s '~{study.bim}' study.bim
    ln -s '~{study.fam}' study.fam
    ln -s '~{study.pheno}' study.pheno
    ~{if defined(study.annot) then "ln -s '~{study.annot}' study.annot" else ""}
    ~{if defined(study.covar) then "ln -s '~{study.covar}' study.covar" else ""}
    twoblade pass-one '~{plan}' --shard ~{shard}/~{shards} --out shard-~{shard}.state \
      --threads ~{cpu} --memory ~{memory_mib - 100}M
  >>>
  output {
    File state = "shard-~{shard}.state"
  }
  runtime {
    docker: docker
    cpu: cpu
    memory: "~{memory_mib} MiB"
    disks: "local-disk ~{disk_gb} SSD"
    preemptible: preemptible
    maxRetries: max_retries
  }
}

# Holds two states, however many it adds.
task merge {
  input {
    Array[File] states
    String docker
    Int memory_mib
    Int preemptible
    Int max_retries
  }
  Int disk_gb = 10 + ceil(2 * size(states, "GB"))

  command <<<
    set -eu
    twoblade merge '~{sep("' '", states)}' --out sum.state
  >>>
  output {
    File state = "sum.state"
  }
  runtime {
    docker: docker
    cpu: 1
    memory: "~{memory_mib} MiB"
    disks: "local-disk ~{disk_gb} SSD"
    preemptible: preemptible
    maxRetries: max_retries
  }
}

task pass_two {
  input {
    Study study
    File plan
    File total
    Int shard
    Int shards
    String docker
    Int cpu
    Int memory_mib
    Int preemptible
    Int max_retries
  }
  Int disk_gb = 10 + ceil(size([study.bed, study.bim, study.fam, study.pheno, total], "GB"))

  command <<<
    set -eu
    ln -s '~{study.bed}' study.bed
    ln -s '~{study.bim}' study.bim
    ln -s '~{study.fam}' study.fam
    ln -s '~{study.pheno}' study.pheno
    ~{if defined(study.annot) then "ln -s '~{study.annot}' study.annot" else ""}
    ~{if defined(study.covar) then "ln -s '~{study.covar}' study.covar" else ""}
    twoblade pass-two '~{plan}' '~{total}' --shard ~{shard}/~{shards} --out shard-~{shard}.state \
      --threads ~{cpu} --memory ~{memory_mib - 100}M
  >>>
  output {
    File estimates = "shard-~{shard}.state"
  }
  runtime {
    docker: docker
    cpu: cpu
    memory: "~{memory_mib} MiB"
    disks: "local-disk ~{disk_gb} SSD"
    preemptible: preemptible
    maxRetries: max_retries
  }
}

task finish {
  input {
    Study study
    File plan
    File total
    Array[File] estimates
    String out
    String docker
    Int cpu
    Int memory_mib
    Int preemptible
    Int max_retries
  }
  Int disk_gb = 10 + ceil(size([study.bed, study.bim, study.fam, study.pheno, total], "GB"))

  command <<<
    set -eu
    ln -s '~{study.bed}' study.bed
    ln -s '~{study.bim}' study.bim
    ln -s '~{study.fam}' study.fam
    ln -s '~{study.pheno}' study.pheno
    ~{if defined(study.annot) then "ln -s '~{study.annot}' study.annot" else ""}
    ~{if defined(study.covar) then "ln -s '~{study.covar}' study.covar" else ""}
    twoblade finish '~{plan}' '~{total}' '~{sep("' '", estimates)}' --out '~{out}' \
      --threads ~{cpu} --memory ~{memory_mib - 100}M
  >>>
  output {
    File json = "~{out}.json"
    File tsv = "~{out}.tsv"
    Array[File] how = ["~{out}.log", "~{out}.run.json", "~{out}.run.toml"]
  }
  runtime {
    docker: docker
    cpu: cpu
    memory: "~{memory_mib} MiB"
    disks: "local-disk ~{disk_gb} SSD"
    preemptible: preemptible
    maxRetries: max_retries
  }
}
