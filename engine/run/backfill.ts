import type { Elsewhere } from '../in-force/out-of-force.ts'
import { type BackfillPoint, compareFile, type LockedIncident } from '../plan/backfill.ts'
import type { BackfillNote, RunEvent } from './model/events.ts'

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

type Observed = Extract<RunEvent, { type: 'backfill.observed' }>['body']

/** Compares every backfill point with the checkout; without one, each is unchecked. */
export const observeBackfill = (points: BackfillPoint[], repository: Repository | undefined): Promise<Observed[]> =>
  Promise.all(
    points.map(async (point) => {
      const { runbook, file, says } = point
      if (!repository) return { runbook, file, says, status: 'unchecked' as const }
      const absent = 'without' in point.holds ? { absent: true as const } : {}
      return { runbook, file, says, ...absent, repository: repository.name, ...(await look(point, repository)) }
    }),
  )

type Found = Pick<Observed, 'status' | 'note' | 'commit' | 'readAs' | 'elsewhere'>

/** Implemented is what is committed: what only lies in the working tree is lost with it. */
async function look(point: BackfillPoint, repository: Repository): Promise<Found> {
  switch (repository.kind) {
    case 'git': {
      const committed = await repository.committed(point.file)
      const commit = committed === undefined ? {} : { commit: committed.commit }
      const locked = await compareFile(point, committed?.text)
      if (locked.holds) return { status: 'implemented', ...howRead(locked), ...commit }
      const { holds } = await compareFile(point, await repository.read(point.file))
      return { status: 'owed', ...(holds ? { note: 'not-committed' as const } : {}), ...howRead(locked), ...commit }
    }
    case 'folder': {
      const locked = await compareFile(point, await repository.read(point.file))
      return { status: locked.holds ? 'implemented' : 'owed', note: 'no-git', ...howRead(locked) }
    }
    case 'unknown':
      return { status: 'unchecked', note: 'git-unknown' }
  }
}

const howRead = ({ readAs, elsewhere }: LockedIncident): Pick<Found, 'readAs' | 'elsewhere'> => ({
  ...(readAs === undefined ? {} : { readAs }),
  ...(elsewhere.length > 0 ? { elsewhere } : {}),
})

const NOTES: Record<BackfillNote, string> = {
  'not-committed': 'in the working tree, not committed',
  'no-git': 'read from the files: the folder is no git checkout',
  'git-unknown': 'git could not be asked what is committed',
}

const WHERE: Record<Elsewhere['why'], string> = {
  comment: 'in comments',
  'switched-off': 'in what never runs (`if: false`)',
}

/** Describes a point as a sentence, with how the file was read and what else is to be known. */
export function describeBackfill(
  point: Pick<Observed, 'says' | 'status' | 'note' | 'readAs' | 'elsewhere' | 'absent'>,
): string {
  const { says, note, readAs } = point
  const notes = [
    ...onlyElsewhere(point),
    ...(readAs === 'plain' ? ['read as plain text, in which comments count'] : []),
    ...(note === undefined ? [] : [NOTES[note]]),
  ]
  return notes.length === 0 ? says : `${says} (${notes.join('; ')})`
}

/** Says where a text stands without being in force; in a file where it must not be, that is no violation. */
function onlyElsewhere({ elsewhere = [], absent }: Pick<Observed, 'elsewhere' | 'absent'>): string[] {
  if (elsewhere.length === 0) return []
  const places = elsewhere.map(({ why, lines }) => `${WHERE[why]}, ${describeLines(lines)}`)
  return [`${absent ? 'not in force' : 'not found in force'}: only ${places.join(' and ')}`]
}

const MOST_LINES = 5

function describeLines(lines: number[]): string {
  const shown = lines.slice(0, MOST_LINES).join(', ')
  const more = lines.length > MOST_LINES ? ` and ${lines.length - MOST_LINES} more` : ''
  return `${lines.length === 1 ? 'line' : 'lines'} ${shown}${more}`
}
