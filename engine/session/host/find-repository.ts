import { resolve } from 'node:path'
import { shownPath } from '../../disk/workspace.ts'
import { openRepository } from '../../git/repository.ts'
import type { Repository } from '../../run/backfill.ts'
import type { Runtime } from './runtime.ts'

/** The checkout that `--repo` names, if it names one. Throws UserError where it isn't there. */
export async function findRepository(given: string | undefined, runtime: Runtime): Promise<Repository | undefined> {
  if (given === undefined) return undefined
  const folder = resolve(runtime.cwd, given)
  return openRepository(folder, shownPath(folder, runtime.cwd), runtime.environment)
}
