import { resolve } from 'node:path'
import { shownPath } from '../../disk/workspace.ts'
import { openRepository } from '../../git/repository.ts'
import type { Repository } from '../../run/backfill.ts'
import type { Outside } from './runtime.ts'

/** The checkout that `--repo` names, if it names one. Throws Problem where it isn't there. */
export async function findRepository(given: string | undefined, outside: Outside): Promise<Repository | undefined> {
  if (given === undefined) return undefined
  const folder = resolve(outside.cwd, given)
  return openRepository(folder, shownPath(folder, outside.cwd), outside.environment)
}
