import { type BackfillPoint, isImplemented } from '../plan/backfill.ts'
import type { RunEvent } from './events.ts'

/** A local checkout of the repository that deploys the services. */
export type Repository = {
  /** As the person named it. */
  name: string
  /** A file's text; undefined where there is no such file. */
  read(file: string): Promise<string | undefined>
  /** The commit that last touched a file, for people; undefined where there is none. */
  lastCommit(file: string): Promise<string | undefined>
}

/** Whether the repository says what it must, or nobody has looked. */
export type BackfillStatus = 'implemented' | 'owed' | 'unchecked'

type Observed = Extract<RunEvent, { type: 'backfill.observed' }>['body']

/** Holds every backfill point against the checkout; without one, each is unchecked. */
export async function observeBackfill(
  points: BackfillPoint[],
  repository: Repository | undefined,
): Promise<Observed[]> {
  return Promise.all(
    points.map(async (point) => {
      const { runbook, file, says } = point
      if (!repository) return { runbook, file, says, status: 'unchecked' as const }
      const content = await repository.read(file)
      const status = isImplemented(point, content) ? ('implemented' as const) : ('owed' as const)
      const commit = content === undefined ? undefined : await repository.lastCommit(file)
      return { runbook, file, says, status, repository: repository.name, ...(commit === undefined ? {} : { commit }) }
    }),
  )
}
