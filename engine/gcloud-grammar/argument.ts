/** One word of a gcloud command, or a yes-or-no flag whose `--no-` form stands where `on` is false. */
export type Word = string | { flag: string; on: string }
