import { describeBackfill } from '../run/backfill.ts'
import type { BackfillStatus } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import { describeMaker, isMadeRight } from '../run/model/maker.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { CheckState, RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { describeAccess } from '../runbook/access.ts'
import { CHANGED } from '../runbook/expressions/expression.ts'
import { differencesOf } from '../steps/compare.ts'
import { describeDuplicates, describeEvidence, describeValue } from '../steps/describe.ts'
import type { Action, Difference, Observation } from '../steps/types.ts'
import { type Observed, observedIn } from './observed.ts'
import { type LastReconciled, lastReconciled } from './reconciled.ts'
import { capital, type Moment, type SignatureChecked, timelineOf } from './timeline.ts'
import { type Unfinished, unfinishedOf } from './unfinished.ts'

/** A changed resource: its values before the change and as read back after it, or the versions of a secret. */
export type ChangedResource = {
  subject: string
  differences: Difference[]
  secret?: string
  note: string
  entries: number[]
}

/** A sentence of the record, with CHANGED where its resources go. */
export type ActionSentence = { sentence: string; resources: ChangedResource[] }

/** The changes of one runbook. */
export type Remediation = { title: string; sentences: ActionSentence[] }

/** A change that was undone: when, by whom, and what the read-back of the undo found. */
export type UndoneChange = {
  title: string
  time: string
  by: string
  differences: Difference[]
  secret?: string
  remark: string
  entries: number[]
}

/** A file of the repository and its points of one status; `commit` is the last one that changed it. */
export type BackfilledFile = { file: string; commit?: string; points: { says: string; entries: number[] }[] }

/** All facts of the record, derived from the incident's log alone; `entries` are the numbers of the log entries behind a statement. */
export type RecordModel = {
  date: string
  title: string
  incident: string
  /** The scenarios of runs that were rehearsals. */
  rehearsals: string[]
  reasons: { text: string; entries: number[] }[]
  found: { title: string; differences: Difference[]; secret?: string; entries: number[] }[]
  /** How much of what they cover the plans could read. */
  observed: Observed
  remediations: Remediation[]
  takenBack: UndoneChange[]
  /** Steps that are correct without a change by this incident: corrected by somebody else, or by an unknown party. */
  madeRight: { title: string; text: string; entries: number[] }[]
  unfinished: Unfinished[]
  verification: { heading: string; checks: CheckState[] }[]
  backfill: { implemented: BackfilledFile[]; owed: BackfilledFile[]; unchecked: BackfilledFile[] }
  /** How runs reached Google Cloud, where they named a proxy, an account or the like. */
  access: { text: string; entries: number[] }[]
  runs: RunState[]
  timeline: Moment[]
  /** The results of checking people's signatures just now, by entry; left out where they were not checked. */
  signatures?: ReadonlyMap<number, SignatureChecked>
  /** The last comparison of Cloud Audit Logs with the log. */
  reconciled?: LastReconciled
}

/** Derives the record from an incident's entries and the results of checking their signatures. Throws where the log has no run. */
export function modelOf(events: Recorded[], signatures?: RecordModel['signatures']): RecordModel {
  const runs = foldRuns(events)
  const [first] = runs
  if (!first) throw new Error('the log has no run')
  const reconciled = lastReconciled(events)
  const steps = runs.flatMap((run) => [...run.steps.values()].map((step) => ({ run, step })))
  return {
    date: first.openedAt.slice(0, 10),
    title: first.opened.title,
    incident: first.opened.incident,
    rehearsals: [
      ...new Set(runs.flatMap(({ opened }) => (opened.cloud.kind === 'sandbox' ? [opened.cloud.scenario] : []))),
    ],
    reasons: reasonsOf(runs.filter(({ opened }) => !opened.undoes)),
    found: foundIn(runs.filter(({ opened }) => !opened.undoes)),
    observed: observedIn(runs.filter(({ opened }) => !opened.undoes)),
    remediations: remediationsOf(steps),
    takenBack: steps.flatMap(({ step }) => undoneChangeOf(step, runs)),
    madeRight: steps.flatMap(({ step }) => madeRightOf(step)),
    unfinished: steps.flatMap(({ run, step }) => unfinishedOf(run, step)),
    verification: verificationOf(runs),
    backfill: backfillOf(runs),
    access: accessOf(runs),
    runs,
    timeline: timelineOf(events, runs),
    ...(signatures ? { signatures } : {}),
    ...(reconciled ? { reconciled } : {}),
  }
}

/** Returns the drift that the plans found, in their order; what several found alike is listed once. */
function foundIn(runs: RunState[]): RecordModel['found'] {
  const found = runs
    .flatMap(({ steps }) => [...steps.values()])
    .filter(({ planned }) => planned.status === 'drift')
    .map(({ planned, entries }) => ({
      title: planned.title,
      differences: planned.differences,
      ...secretOf(planned.apply, (from, to) => `${to} ${versionIn(planned.observation)} differs from ${from}`),
      entries: entries.slice(0, 1),
    }))
  const alike = Map.groupBy(found, ({ title, differences }) => JSON.stringify([title, differences]))
  return [...alike.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, entries: [first, ...others].flatMap(({ entries }) => entries) }] : [],
  )
}

/** Describes a change of a secret by its versions: a fingerprint means nothing to a reader. */
function secretOf(action: Action | undefined, describe: (from: string, to: string) => string): { secret?: string } {
  if (action?.kind !== 'copy-secret') return {}
  const { from, to } = action
  return { secret: describe(`\`${from.project}\` version \`${from.version}\``, `\`${to.project}\``) }
}

const versionIn = (observation: Observation | undefined): string =>
  observation?.state === 'value' ? `version \`${describeValue(observation.value.version)}\`` : 'value'

/** Returns the reasons that operators gave, each once. */
const reasonsOf = (runs: RunState[]): RecordModel['reasons'] =>
  [...Map.groupBy(runs, ({ opened }) => opened.reason)].map(([text, same]) => ({
    text,
    entries: same.map(({ entry }) => entry),
  }))

/** Returns how runs reached Google Cloud and as whom, each way once. */
function accessOf(runs: RunState[]): RecordModel['access'] {
  const means = runs.flatMap(({ opened, entry, resumed }) => [{ ...opened, entry }, ...resumed])
  const named = means.filter(({ access }) => access !== undefined)
  const ways = Map.groupBy(named, ({ access, gcloud }) => {
    const isNamed = access?.account !== undefined || access?.credentialsFile !== undefined
    const login = isNamed ? '' : `, logged in as ${gcloud.account}`
    return `Google Cloud was reached ${describeAccess(access)}${login}.`
  })
  return [...ways].map(([text, same]) => ({ text, entries: same.map(({ entry }) => entry) }))
}

/** Groups applied steps by runbook title and, within it, by sentence. */
function remediationsOf(steps: { run: RunState; step: StepState }[]): Remediation[] {
  const titles = new Map<string, Map<string, ChangedResource[]>>()
  for (const { run, step } of steps) {
    if ((step.status !== 'applied' && step.status !== 'stated') || step.undone || step.planned.undoes) continue
    const runbook = run.plan?.runbooks.find(({ name }) => name === step.planned.runbook)
    const sentences = getOrAdd(
      titles,
      runbook?.title ?? step.planned.runbook,
      () => new Map<string, ChangedResource[]>(),
    )
    getOrAdd(sentences, step.planned.record ?? `${step.planned.title}: ${CHANGED}`, (): ChangedResource[] => []).push(
      changedResource(step),
    )
  }
  return [...titles].map(([title, sentences]) => ({
    title,
    sentences: [...sentences].map(([sentence, resources]) => ({ sentence, resources })),
  }))
}

function madeRightOf({ planned: { title }, status, maker, evidence, entries }: StepState): RecordModel['madeRight'] {
  if (!isMadeRight(status)) return []
  const refused = evidence?.failure ? `; gcloud failed: ${describeEvidence(evidence)}` : ''
  return [{ title, text: `${describeMaker(status, maker)}${refused}`, entries }]
}

function undoneChangeOf({ planned, undone, before }: StepState, runs: RunState[]): UndoneChange[] {
  if (undone === undefined) return []
  const { opened, steps } = runs.find(({ run }) => run === undone.run) ?? {}
  const back = [...(steps?.values() ?? [])].find((each) => each.planned.undoes?.step === planned.key)
  const was = back?.before ?? back?.planned.observation
  const now = before?.state === 'value' ? before.value : ('absent' as const)
  const differences = was ? differencesOf(was, now) : []
  const entries = back?.entries ?? []
  const remark = back?.planned.description ?? ''
  const by = undoneBy(back, opened?.operator ?? '')
  const secret = secretOf(planned.apply, () => `restored to the value of ${versionIn(before)}`)
  return [{ title: planned.title, time: undone.time, by, differences, ...secret, remark, entries }]
}

/** Returns who undid a change: the operator, unless somebody else did or may have done so first. */
function undoneBy(back: StepState | undefined, operator: string): string {
  if (back?.maker?.by === 'somebody-else') return `${back.maker.call.principal}, who is not the operator`
  return back?.status === 'made-by-unknown' ? `${operator} or somebody else (unknown which)` : operator
}

function changedResource({
  planned,
  before,
  evidence,
  readBack,
  duplicates,
  stated,
  person,
  intended,
  entries,
}: StepState): ChangedResource {
  const seen = before ?? planned.observation
  const after = readBack?.state === 'value' ? readBack.value : undefined
  const differences = differencesOf(seen, planned.expectation).map((difference) =>
    after && Object.hasOwn(after, difference.name)
      ? { ...difference, wanted: after[difference.name] as Exclude<Difference['wanted'], undefined> }
      : difference,
  )
  const notes = [
    ...(evidence?.failure
      ? [
          `gcloud ${evidence.exitCode === null ? 'ended without an exit code' : `exited ${evidence.exitCode}`}, but the read-back shows the change`,
        ]
      : []),
    ...((person !== undefined || evidence?.byHand) && !stated
      ? [evidence?.words === undefined ? 'by hand' : `by hand: ${evidence.words}`]
      : []),
    ...(stated ? [`by hand, as stated by ${stated.by}; nothing was read: ${stated.words}`] : []),
    ...(planned.note === undefined ? [] : [planned.note]),
    ...(duplicates ? [describeDuplicates(duplicates)] : []),
  ]
  const secret = secretOf(
    intended.at(-1)?.action ?? planned.apply,
    (from) => `${versionIn(seen)} replaced by ${versionIn(readBack)}, equal to ${from}`,
  )
  return { subject: planned.subject, differences, ...secret, note: notes.join('; '), entries }
}

/**
 * Returns the last result of every check, under its group or its environment. Groups come first, as in a backfill
 * document: workflow runs, then gates, then runtime checks.
 */
function verificationOf(runs: RunState[]): RecordModel['verification'] {
  const headings = new Map<string, { own: boolean; checks: Map<string, CheckState> }>()
  for (const run of runs) {
    for (const check of inPlanOrder(run)) {
      const heading = check.group ?? `${capital(run.plan?.environment.name ?? '')} runtime checks`
      const start = () => ({ own: check.group !== undefined, checks: new Map<string, CheckState>() })
      getOrAdd(headings, heading, start).checks.set(check.title, check)
    }
  }
  return [...headings]
    .sort(([, a], [, b]) => Number(b.own) - Number(a.own))
    .map(([heading, { checks }]) => ({ heading, checks: [...checks.values()] }))
}

/** Returns a run's checks in the order of the plan; they run in parallel, so the log has them in any order. */
function inPlanOrder({ plan, checks }: RunState): CheckState[] {
  const place = (check: CheckState) => plan?.checks.findIndex(({ key }) => key === check.key) ?? 0
  return checks.toSorted((a, b) => place(a) - place(b))
}

/** Returns the last status of every backfill point, by file. */
function backfillOf(runs: RunState[]): RecordModel['backfill'] {
  const last = new Map(runs.flatMap(({ backfill }) => backfill).map((point) => [`${point.file}\n${point.says}`, point]))
  const filesOf = (status: BackfillStatus): BackfilledFile[] => {
    const files = Map.groupBy(
      [...last.values()].filter((point) => point.status === status),
      ({ file }) => file,
    )
    return [...files].map(([file, points]) => {
      const commit = points.find((point) => point.commit !== undefined)?.commit
      return {
        file,
        ...(commit === undefined ? {} : { commit }),
        points: points.map((point) => ({ says: describeBackfill(point), entries: [point.entry] })),
      }
    })
  }
  return { implemented: filesOf('implemented'), owed: filesOf('owed'), unchecked: filesOf('unchecked') }
}

/** Reports whether a run got as far as checking the repository, so that no backfill means that none is owed. */
export function isBackfillKnown({ backfill: { owed, implemented, unchecked }, runs }: RecordModel): boolean {
  const isLate = ({ closed, plan, checks, opened }: RunState) =>
    !opened.undoes &&
    (closed?.ending === 'done' ||
      closed?.ending === 'drift' ||
      (plan !== undefined && checks.length > 0 && checks.length >= plan.checks.length))
  return [...owed, ...implemented, ...unchecked].length > 0 || runs.some(isLate)
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
