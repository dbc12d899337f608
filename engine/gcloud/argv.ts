import type { GcloudCommand } from '../steps/types.ts'

/**
 * Returns a command's whole argv after `gcloud`: the runbook's arguments and the flags that the engine adds to every
 * command. A command that only reads gcloud's own configuration has no project (`''`).
 */
export const fullArgv = ({ argv, project }: GcloudCommand): string[] => [
  ...argv,
  ...(project === '' ? [] : [`--project=${project}`]),
  '--format=json',
  '--quiet',
]
