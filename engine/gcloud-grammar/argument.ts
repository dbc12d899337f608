/** An argument of a gcloud command: a string, or a boolean flag that takes its `--no-` form if `on` is false. */
export type Argument = string | { flag: string; on: string }
