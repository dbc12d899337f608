import type { GcloudCommand } from '../steps/types.ts'

/**
 * A command's whole argv after `gcloud`: the runbook's words and what the engine adds to every command. A command that
 * only looks at gcloud's own configuration has no project (`''`).
 */
export const fullArgv = ({ argv, project }: GcloudCommand): string[] => [
  ...argv,
  ...(project === '' ? [] : [`--project=${project}`]),
  '--format=json',
  '--quiet',
]
