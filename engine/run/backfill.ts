import type { Elsewhere } from '../in-force/out-of-force.ts'
import { type BackfillPoint, type Comparison, compareFile } from '../plan/backfill.ts'
import type { BackfillNote, RunEvent } from './model/events.ts'

/** A local checkout of the repository that deploys the services. */
export type Repository = {
  /** The name that the person gave it. */
  name: string
  /** `unknown`: it is a checkout, but git can't be run. */
  kind: 'git' | 'folder' | 'unknown'
  /** The full hash of its current commit; left out if there is none. */
  head?: string
  /** Returns whether it has a commit: then it is the same repository, or a copy of it. */
  has(commit: string): Promise<boolean>
  /** Returns a file's text in the working tree; undefined if there is no such file. */
  read(file: string): Promise<string | undefined>
  /** Returns a file's text in the current commit, and the commit that last changed it; undefined if there is none. */
  committed(file: string): Promise<{ text: string; commit: string } | undefined>
}

type Observed = Extract<RunEvent, { type: 'backfill.observed' }>['body']

/** Compares every backfill point with the checkout; without a checkout, each is unchecked. */
export const observeBackfill = (points: BackfillPoint[], repository: Repository | undefined): Promise<Observed[]> =>
  Promise.all(
    points.map(async (point) => {
      const { runbook, file, says } = point
      if (!repository) return { runbook, file, says, status: 'unchecked' as const }
      const absent = 'without' in point.holds ? { absent: true as const } : {}
      return { runbook, file, says, ...absent, repository: repository.name, ...(await compare(point, repository)) }
    }),
  )

type Result = Pick<Observed, 'status' | 'note' | 'commit' | 'readAs' | 'elsewhere'>

/** Compares one point. Only committed text counts: the working tree can be lost. */
async function compare(point: BackfillPoint, repository: Repository): Promise<Result> {
  switch (repository.kind) {
    case 'git': {
      const committed = await repository.committed(point.file)
      const commit = committed === undefined ? {} : { commit: committed.commit }
      const compared = await compareFile(point, committed?.text)
      if (compared.holds) return { status: 'implemented', ...howRead(compared), ...commit }
      const { holds } = await compareFile(point, await repository.read(point.file))
      return { status: 'owed', ...(holds ? { note: 'not-committed' as const } : {}), ...howRead(compared), ...commit }
    }
    case 'folder': {
      const compared = await compareFile(point, await repository.read(point.file))
      return { status: compared.holds ? 'implemented' : 'owed', note: 'no-git', ...howRead(compared) }
    }
    case 'unknown':
      return { status: 'unchecked', note: 'git-unknown' }
  }
}

const howRead = ({ readAs, elsewhere }: Comparison): Pick<Result, 'readAs' | 'elsewhere'> => ({
  ...(readAs === undefined ? {} : { readAs }),
  ...(elsewhere.length > 0 ? { elsewhere } : {}),
})

const NOTES: Record<BackfillNote, string> = {
  'not-committed': 'in the working tree, not committed',
  'no-git': 'read from the files: the folder is not a git checkout',
  'git-unknown': 'git could not report what is committed',
}

const WHERE: Record<Elsewhere['why'], string> = {
  comment: 'in comments',
  'switched-off': 'in a part that never runs (`if: false`)',
}

/** Describes a point as a sentence, with notes on how the file was read. */
export function describeBackfill(
  point: Pick<Observed, 'says' | 'status' | 'note' | 'readAs' | 'elsewhere' | 'absent'>,
): string {
  const { says, note, readAs } = point
  const notes = [
    ...onlyElsewhere(point),
    ...(readAs === 'plain' ? ['read as plain text, so comments count'] : []),
    ...(note === undefined ? [] : [NOTES[note]]),
  ]
  return notes.length === 0 ? says : `${says} (${notes.join('; ')})`
}

/** Describes where a text occurs without being in force; in a file that must not have it, that is no violation. */
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
