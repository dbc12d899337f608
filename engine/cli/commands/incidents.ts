import type { Command } from 'commander'
import type { Entry } from '../../audit/entry.ts'
import { verifyChain } from '../../audit/verify-chain.ts'
import { printable } from '../../base/printable.ts'
import { readLock } from '../../disk/lock.ts'
import { incidentFolder, incidentsIn, logChunks } from '../../disk/logs/incident-folder.ts'
import type { CloudName } from '../../plan/types.ts'
import type { Ending } from '../../run/model/events.ts'
import { foldRuns, stepsInDoubt } from '../../run/model/fold-runs.ts'
import { openOverrides } from '../../run/model/overrides.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter, type Style } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

/** `breakglass incidents`: prints the state of each incident, the newest first. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command).action(async (options: CommonOptions) => exit(await incidents(options, runtime)))
}

/**
 * How an incident stands: `running` and `cut-off` are runs without an end, `in-doubt` has a step of which nobody knows
 * whether it was changed, and the other endings are those of the last run. Of a log that is `damaged`, and of one that is
 * `unreadable`, nothing else is known for sure.
 */
type State = Ending | 'running' | 'cut-off' | 'no-run' | 'damaged' | 'unreadable'

/** One incident as `--json` prints it. */
type Incident = {
  incident: string
  state: State
  /** Why the log is damaged or cannot be read. */
  problem?: string
  /** When the last entry was written, and who started or last resumed the last run. */
  lastEntry?: string
  by?: string
  run?: string
  runs: number
  environment?: string
  cloud?: CloudName
  /** The titles of steps in doubt. */
  inDoubt: string[]
  /** Whether a solo override waits for its countersignature. */
  countersignatureOwed: boolean
}

async function incidents(options: CommonOptions, runtime: Runtime): Promise<number> {
  const logs = logsFolder(options, runtime)
  const found: Incident[] = []
  for (const incident of await incidentsIn(logs)) found.push(await read(logs, incident))
  found.sort((a, b) => (b.lastEntry ?? '').localeCompare(a.lastEntry ?? '') || a.incident.localeCompare(b.incident))
  const print = printer(options.json, runtime)
  for (const line of table(found, runtime.terminal.colour)) print(line)
  if (found.length === 0) print(`No incidents in ${logs}.`)
  const [open] = found.filter(({ state }) => state === 'cut-off' || state === 'in-doubt')
  if (open) print(`\nNext: \`breakglass resume ${open.incident}\` finds out what is in doubt and resumes the run.`)
  if (options.json) emit(found, runtime)
  return EXIT.done
}

async function read(logs: string, incident: string): Promise<Incident> {
  const unknown = { incident, runs: 0, inDoubt: [], countersignatureOwed: false }
  try {
    const paths = incidentFolder(logs, incident)
    const entries: Entry[] = []
    const { damage } = verifyChain(logChunks(paths), ({ entry }) => entry && entries.push(entry), incident)
    const [first] = damage
    const runs = foldRuns(entries)
    const last = runs.at(-1)
    const lastEntry = entries.at(-1)?.time
    const at = lastEntry === undefined ? {} : { lastEntry }
    if (first) return { ...unknown, ...at, state: 'damaged', problem: `line ${first.line}: ${first.what}` }
    if (last === undefined) return { ...unknown, ...at, state: 'no-run' }
    const inDoubt = stepsInDoubt(runs).map(({ step }) => step.planned.title)
    const isLocked = (await readLock(paths.lock))?.liveness === 'alive'
    return {
      incident,
      state: stateOf(last, inDoubt.length > 0, isLocked),
      ...at,
      by: last.resumed.at(-1)?.by ?? last.opened.operator,
      run: last.run,
      runs: runs.length,
      ...(last.plan ? { environment: last.plan.environment.name } : {}),
      cloud: last.opened.cloud,
      inDoubt,
      countersignatureOwed: openOverrides(entries).length > 0,
    }
  } catch (error) {
    return { ...unknown, state: 'unreadable', problem: (error as Error).message }
  }
}

function stateOf({ closed }: RunState, isInDoubt: boolean, isLocked: boolean): State {
  if (closed === undefined && isLocked) return 'running'
  if (isInDoubt) return 'in-doubt'
  return closed?.ending ?? 'cut-off'
}

const STYLES: Record<State, Style> = {
  done: 'good',
  running: 'notice',
  'no-run': 'quiet',
  declined: 'quiet',
  drift: 'warn',
  failed: 'bad',
  interrupted: 'warn',
  'cut-off': 'bad',
  'in-doubt': 'bad',
  damaged: 'bad',
  unreadable: 'bad',
}

function table(found: Incident[], colour: boolean): string[] {
  if (found.length === 0) return []
  const paint = painter(colour)
  const rows = found.map((each) => ({ cells: cellsOf(each), style: STYLES[each.state], note: noteOn(each) }))
  const head = ['INCIDENT', 'STATE', 'LAST ENTRY', 'BY', 'CLOUD', 'ENVIRONMENT']
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)))
  const pad = (text: string, at: number) => text.padEnd(widths[at] ?? 0)
  return [
    paint('quiet', head.map(pad).join('  ').trimEnd()),
    ...rows.map(({ cells, style, note }) =>
      [...cells.map(pad).map((cell, at) => (at === 1 ? paint(style, cell) : cell)), note].join('  ').trimEnd(),
    ),
  ]
}

const cellsOf = ({ incident, state, lastEntry, by, cloud, environment }: Incident): string[] =>
  [
    incident,
    state.replace('-', ' '),
    lastEntry?.replace(/^(.{10})T(.{5}).*$/, '$1 $2Z') ?? '-',
    by ?? '-',
    cloud === undefined ? '-' : cloud.kind === 'live' ? 'live' : 'rehearsal',
    environment ?? '-',
  ].map(printable)

function noteOn({ incident, state, problem, inDoubt, countersignatureOwed }: Incident): string {
  const notes = [
    ...(inDoubt.length > 0 ? [`in doubt: ${inDoubt.join(', ')}`] : []),
    ...(countersignatureOwed ? ['countersignature owed'] : []),
    ...(problem === undefined ? [] : [problem]),
    ...(state === 'damaged' ? [`see \`breakglass audit verify ${incident}\``] : []),
  ]
  return printable(notes.join('; '))
}
