/** One word of a gcloud command, or a yes-or-no flag whose `--no-` form stands where `on` is false. */
export type Argument = string | { flag: string; on: string }
