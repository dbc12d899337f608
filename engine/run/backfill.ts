import { type BackfillPoint, isImplemented } from '../plan/backfill.ts'
import type { RunEvent } from './events.ts'

/** A local checkout of the repository that deploys the services. */
export type Repository = {
  /** As the person named it. */
  name: string
  /** A git checkout; a folder that is none; or `unknown`: it is one, and git can't be asked. */
  kind: 'git' | 'folder' | 'unknown'
  /** The commit that it is at, in full; left out where there is none. */
  head?: string
  /** Whether it has a commit, so that it is the repository in which that was seen, or a copy of it. */
  has(commit: string): Promise<boolean>
  /** A file's text as it lies there, committed or not; undefined where there is no such file. */
  read(file: string): Promise<string | undefined>
  /** A file's text in the current commit, and the commit that last touched it, for people; undefined where there is none. */
  committed(file: string): Promise<{ text: string; commit: string } | undefined>
}

/** Whether the repository says what it must, or nobody has looked. */
export type BackfillStatus = 'implemented' | 'owed' | 'unchecked'

/** What else is to be known of a status: only the working tree has it; there were only files to read; git can't be asked. */
export type BackfillNote = 'not-committed' | 'no-git' | 'git-unknown'

type Observed = Extract<RunEvent, { type: 'backfill.observed' }>['body']

/** Holds every backfill point against the checkout; without one, each is unchecked. */
export const observeBackfill = (points: BackfillPoint[], repository: Repository | undefined): Promise<Observed[]> =>
  Promise.all(
    points.map(async (point) => {
      const { runbook, file, says } = point
      if (!repository) return { runbook, file, says, status: 'unchecked' as const }
      return { runbook, file, says, repository: repository.name, ...(await look(point, repository)) }
    }),
  )

/** Implemented is what is committed: what only lies in the working tree is lost with it. */
async function look(
  point: BackfillPoint,
  repository: Repository,
): Promise<Pick<Observed, 'status' | 'note' | 'commit'>> {
  switch (repository.kind) {
    case 'git': {
      const committed = await repository.committed(point.file)
      const commit = committed === undefined ? {} : { commit: committed.commit }
      if (isImplemented(point, committed?.text)) return { status: 'implemented', ...commit }
      const lies = isImplemented(point, await repository.read(point.file))
      return { status: 'owed', ...(lies ? { note: 'not-committed' as const } : {}), ...commit }
    }
    case 'folder': {
      const lies = isImplemented(point, await repository.read(point.file))
      return { status: lies ? 'implemented' : 'owed', note: 'no-git' }
    }
    case 'unknown':
      return { status: 'unchecked', note: 'git-unknown' }
  }
}

const NOTES: Record<BackfillNote, string> = {
  'not-committed': 'in the working tree, not committed',
  'no-git': 'read from the files: the folder is no git checkout',
  'git-unknown': 'git could not be asked what is committed',
}

/** A point as a sentence, with what else is to be known. */
export const describeBackfill = ({ says, note }: { says: string; note?: BackfillNote }): string =>
  note === undefined ? says : `${says} (${NOTES[note]})`
