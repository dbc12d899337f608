import type { GcloudCommand } from '../steps/types.ts'

/** A command's whole argv after `gcloud`: the runbook's words and what the engine adds to every command. */
export const fullArgv = ({ argv, project }: GcloudCommand): string[] => [
  ...argv,
  `--project=${project}`,
  '--format=json',
  '--quiet',
]
