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
import { describeDuplicates, describeEvidence } from '../steps/describe.ts'
import type { Difference } from '../steps/types.ts'
import { type Observed, observedIn } from './observed.ts'
import { type LastReconciled, lastReconciled } from './reconciled.ts'
import { describeMoment, type SignatureChecked } from './timeline.ts'
import { type Unfinished, unfinishedOf } from './unfinished.ts'

/** One changed thing under a sentence of the record: what it was before and is now, as read back. */
export type ChangedThing = { subject: string; differences: Difference[]; note: string; entries: number[] }

/** One sentence of the record, with CHANGED where the subjects go, and what was changed. */
export type ActionSentence = { sentence: string; resources: ChangedThing[] }

/** All that was changed under one runbook's title. */
export type Remediation = { title: string; sentences: ActionSentence[] }

/** A change that was taken back: when, by whom, and what the read-back of that says. */
export type TakenBack = {
  title: string
  time: string
  by: string
  differences: Difference[]
  remark: string
  entries: number[]
}

/** A file of the repository and its points of one kind; `commit` is the one that last touched it. */
export type BackfilledFile = { file: string; commit?: string; points: { says: string; entries: number[] }[] }

/** Everything that the record says, derived from an incident's entries and nothing else; `entries` are the numbers of those that say it. */
export type RecordModel = {
  date: string
  title: string
  incident: string
  rehearsals: string[]
  reasons: { text: string; entries: number[] }[]
  found: { title: string; differences: Difference[]; entries: number[] }[]
  /** What the plans had read of all that they were about. */
  observed: Observed
  remediations: Remediation[]
  takenBack: TakenBack[]
  /** What is right and no change of the incident's: made right by somebody else, or nobody knows by whom. */
  madeRight: { title: string; text: string; entries: number[] }[]
  unfinished: Unfinished[]
  verification: { heading: string; checks: CheckState[] }[]
  backfill: { implemented: BackfilledFile[]; owed: BackfilledFile[]; unchecked: BackfilledFile[] }
  /** How Google Cloud was reached, where anything was named for that. */
  access: { text: string; entries: number[] }[]
  runs: RunState[]
  timeline: { time: string; text: string; entries: number[] }[]
  /** What checking the signatures of people said just now, by entry; left out where they were not checked. */
  signatures?: ReadonlyMap<number, SignatureChecked>
  /** What Cloud Audit Logs told when they were last held against the log. */
  reconciled?: LastReconciled
}

/** Derives the record from an incident's entries and what their signatures were found to be just now. Throws where there is no run in them. */
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
    takenBack: steps.flatMap(({ step }) => takenBackOf(step, runs)),
    madeRight: steps.flatMap(({ step }) => madeRightOf(step)),
    unfinished: steps.flatMap(({ run, step }) => unfinishedOf(run, step)),
    verification: verificationOf(runs),
    backfill: backfillOf(runs),
    access: accessOf(runs),
    runs,
    timeline: events.flatMap((event) => describeMoment(event, runs)),
    ...(signatures ? { signatures } : {}),
    ...(reconciled ? { reconciled } : {}),
  }
}

/** What every run's plan found, in their order; what several found alike stands once. */
function foundIn(runs: RunState[]): RecordModel['found'] {
  const found = runs
    .flatMap(({ steps }) => [...steps.values()])
    .filter(({ planned }) => planned.status === 'drift')
    .map(({ planned: { title, differences }, entries }) => ({ title, differences, entries: entries.slice(0, 1) }))
  const alike = Map.groupBy(found, ({ title, differences }) => JSON.stringify([title, differences]))
  return [...alike.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, entries: [first, ...others].flatMap(({ entries }) => entries) }] : [],
  )
}

/** Why production was changed by hand, each reason once. */
const reasonsOf = (runs: RunState[]): RecordModel['reasons'] =>
  [...Map.groupBy(runs, ({ opened }) => opened.reason)].map(([text, same]) => ({
    text,
    entries: same.map(({ entry }) => entry),
  }))

/** How runs reached Google Cloud and as whom, each way once; those of which nothing was named go unsaid. */
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

/** Applied steps, by runbook title and, within it, by sentence: steps with the same sentence share it. */
function remediationsOf(steps: { run: RunState; step: StepState }[]): Remediation[] {
  const titles = new Map<string, Map<string, ChangedThing[]>>()
  for (const { run, step } of steps) {
    if ((step.status !== 'applied' && step.status !== 'stated') || step.undone || step.planned.undoes) continue
    const runbook = run.plan?.runbooks.find(({ name }) => name === step.planned.runbook)
    const sentences = getOrAdd(titles, runbook?.title ?? step.planned.runbook, () => new Map<string, ChangedThing[]>())
    getOrAdd(sentences, step.planned.record ?? `${step.planned.title}: ${CHANGED}`, (): ChangedThing[] => []).push(
      changedThing(step),
    )
  }
  return [...titles].map(([title, sentences]) => ({
    title,
    sentences: [...sentences].map(([sentence, resources]) => ({ sentence, resources })),
  }))
}

function madeRightOf({ planned: { title }, status, maker, evidence, entries }: StepState): RecordModel['madeRight'] {
  if (!isMadeRight(status)) return []
  const refused = evidence?.failure ? `; gcloud on our command: ${describeEvidence(evidence)}` : ''
  return [{ title, text: `${describeMaker(status, maker)}${refused}`, entries }]
}

function takenBackOf({ planned, undone, before }: StepState, runs: RunState[]): TakenBack[] {
  if (undone === undefined) return []
  const { opened, steps } = runs.find(({ run }) => run === undone.run) ?? {}
  const back = [...(steps?.values() ?? [])].find((each) => each.planned.undoes?.step === planned.key)
  const was = back?.before ?? back?.planned.observation
  const now = before?.state === 'value' ? before.value : ('absent' as const)
  const differences = was ? differencesOf(was, now) : []
  const entries = back?.entries ?? []
  const remark = back?.planned.description ?? ''
  const by = takenBackBy(back, opened?.operator ?? '')
  return [{ title: planned.title, time: undone.time, by, differences, remark, entries }]
}

/** Who took a change back: the operator, unless somebody else was first or may have been. */
function takenBackBy(back: StepState | undefined, operator: string): string {
  if (back?.maker?.by === 'somebody-else') return `somebody else, ${back.maker.call.principal},`
  return back?.status === 'made-by-unknown' ? `${operator} or somebody else, which is not known,` : operator
}

function changedThing({
  planned,
  before,
  evidence,
  readBack,
  duplicates,
  stated,
  person,
  entries,
}: StepState): ChangedThing {
  const seen = before ?? planned.observation
  const after = readBack?.state === 'value' ? readBack.value : undefined
  const differences = differencesOf(seen, planned.expectation).map((difference) =>
    after && Object.hasOwn(after, difference.name)
      ? { ...difference, wanted: after[difference.name] as Exclude<Difference['wanted'], undefined> }
      : difference,
  )
  const notes = [
    ...(evidence?.failure
      ? [`gcloud exited ${evidence.exitCode ?? 'without a code'}, the read-back shows the change`]
      : []),
    ...((person !== undefined || evidence?.byHand) && !stated
      ? [evidence?.words === undefined ? 'by hand' : `by hand: ${evidence.words}`]
      : []),
    ...(stated ? [`by hand, as ${stated.by} states and nobody has read: ${stated.words}`] : []),
    ...(planned.note === undefined ? [] : [planned.note]),
    ...(duplicates ? [describeDuplicates(duplicates)] : []),
  ]
  return { subject: planned.subject, differences, note: notes.join('; '), entries }
}

/**
 * The last result of every check, under its group, or under the environment that it was made in. Groups come first, as
 * in a backfill document: what ran elsewhere, then the gates, then what was looked at here.
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

/** A run's checks end in any order, since they run side by side; the record lists them as the plan did. */
function inPlanOrder({ plan, checks }: RunState): CheckState[] {
  const place = (check: CheckState) => plan?.checks.findIndex(({ key }) => key === check.key) ?? 0
  return checks.toSorted((a, b) => place(a) - place(b))
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The last word on every backfill point, by file. */
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

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
