import { dirname, resolve } from 'node:path'
import { UserError } from '../../base/problem.ts'
import type { Workspace } from '../../disk/workspace.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { type Loaded, refuseForeignRunbooks } from '../host/load.ts'
import type { Remediation } from '../remediate.ts'

/**
 * Returns the request of a scenario's rehearsal, as its file defines it: runbooks of the workspace, by name, and the
 * scenario's own checkout, which is next to it. Throws UserError.
 */
export async function rehearsalRequest(
  { file, value: { rehearsal, metadata } }: Loaded<Scenario>,
  workspace: Workspace,
): Promise<Pick<Remediation, 'runbooks' | 'env' | 'input' | 'reason' | 'title' | 'repo'>> {
  if (!rehearsal)
    throw new UserError(
      `scenario ${metadata.name} does not say what to rehearse`,
      'add `rehearsal:` with runbooks, environment and reason to it, or use `run --sandbox`',
    )
  const { runbooks, environment, inputs = {}, reason, title = metadata.title, repository } = rehearsal
  await refuseForeignRunbooks(runbooks, workspace)
  const repo = repository === undefined ? {} : { repo: resolve(dirname(file), repository) }
  return { runbooks, env: environment, input: inputs, reason, title, ...repo }
}
