import { printable } from '../../base/printable.ts'
import { quoteWord } from '../../plan/describe.ts'
import { knownDifference } from '../../plan/known-differences.ts'
import type { PlannedStep } from '../../plan/types.ts'
import type { Checked } from '../../report/checked.ts'
import { describeBackfill, observeBackfill } from '../../run/backfill.ts'
import { stepLines } from '../../runbook/step-lines.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { announce, progressFor } from '../../session/host/announce.ts'
import type { Failure } from '../../session/host/explain-error.ts'
import type { CloudOptions } from '../../session/host/options.ts'
import type { Print } from '../../session/host/output.ts'
import type { CloudChoice, Runtime } from '../../session/host/runtime.ts'
import { observeShown } from '../../session/prepare/observe-shown.ts'
import { openReady, type Prepared, type Ready } from '../../session/prepare/prepare.ts'
import { describeObserved } from '../../steps/describe.ts'
import { changesAnything } from '../../steps/index.ts'
import { painter } from '../../terminal/screen.ts'
import { showSite } from '../../terminal/site.ts'

type Asked = CloudOptions & { runbooks: string[] }
type Backfill = Awaited<ReturnType<typeof observeBackfill>>

/** The verdict on an environment; `failed` and `interrupted` mean that it was not completely observed. */
export type CheckVerdict = 'conformant' | 'drift' | 'unknown' | 'failed' | 'interrupted'

/** The result of checking one environment. */
export type CheckedEnvironment = Pick<Prepared, 'environment'> & {
  cloud: Prepared['cloud']['name']
  steps: PlannedStep[]
  backfill: Backfill
  checked: Checked[]
  /** Why it could not be observed. */
  failed?: Failure
}

/** Observes runbooks in one environment and prints what drifted and what is unknown. */
export async function checkEnvironment(
  ready: Ready,
  choice: CloudChoice,
  request: Asked,
  print: Print,
  runtime: Runtime,
): Promise<CheckedEnvironment> {
  const prepared = await openReady(ready, choice, request, runtime)
  const { cloud, environment, repository } = prepared
  try {
    announce(cloud, print, runtime)
    const all = [...prepared.steps, ...prepared.checks]
    const steps = await observeShown(all, cloud, progressFor(request.json, print, runtime), runtime)
    const backfill = repository ? await observeBackfill(prepared.backfill, repository) : []
    const checked = [
      ...checkedSteps(steps, prepared, runtime),
      ...backfill.map((point) => checkedFile(point, prepared)),
    ]
    const changeable = changeableRunbooks(checked, steps.slice(0, prepared.steps.length))
    report(checked, steps.filter(isForPerson).length, print, runtime)
    if (checked.some(({ status }) => status === 'drift')) print(nextAfterDrift(changeable, prepared, request))
    return { environment, cloud: cloud.name, steps, backfill, checked }
  } finally {
    await cloud.close()
  }
}

/** Returns the result for an environment that could not be observed: one unknown point, in every format. */
export function failedEnvironment(
  { environment, runbooks: [first] }: Ready,
  cloud: Prepared['cloud']['name'],
  failed: Failure,
): CheckedEnvironment {
  const checked: Checked = {
    environment: environment.name,
    rule: 'breakglass/environment',
    key: environment.name,
    title: `Observe ${environment.name}`,
    status: 'unknown',
    says: failed.message,
    file: first?.source.name ?? '',
    line: 1,
  }
  return { environment, cloud, steps: [], backfill: [], checked: [checked], failed }
}

/** Returns the verdict on an environment: drift outweighs unknown, and nothing observed is never conformant. */
export function verdictOn({ checked, failed }: CheckedEnvironment): CheckVerdict {
  if (failed !== undefined) return failed.exitCode === EXIT.interrupted ? 'interrupted' : 'failed'
  const statuses = checked.map(({ status }) => status)
  if (statuses.includes('drift')) return 'drift'
  return statuses.includes('unknown') || checked.length === 0 ? 'unknown' : 'conformant'
}

/** Returns the runbooks that would fix some of the drift; checks and gates only observe, and known differences stay. */
function changeableRunbooks(checked: Checked[], steps: PlannedStep[]): string[] {
  const drifted = new Set(checked.filter(({ status }) => status === 'drift').map(({ key }) => key))
  const changes = steps.filter(({ key, apply }) => drifted.has(key) && apply !== undefined && changesAnything(apply))
  return [...new Set(changes.map(({ runbook }) => runbook))]
}

/** Describes what to do about drift: the command that shows how to fix it, or that no runbook here does. */
function nextAfterDrift(
  changeable: string[],
  { runbooks: loaded }: Prepared,
  { env, sandbox, input, runbooks, inventory, workspace }: Asked,
): string {
  if (changeable.length === 0)
    return `${loaded.map(({ value }) => value.name).join(', ')} only observes. Next: \`breakglass list\` shows the runbooks that can fix this drift.`
  const named = runbooks.filter((_, index) => changeable.includes(loaded[index]?.value.name ?? ''))
  const argv = [
    ...['breakglass', 'plan', ...named, '--env', env],
    ...(sandbox === undefined ? [] : ['--sandbox', sandbox]),
    ...(workspace === undefined ? [] : ['--workspace', workspace]),
    ...(inventory === undefined ? [] : ['--inventory', inventory]),
    ...Object.entries(input).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
  ]
  return `Next: \`${argv.map(quoteWord).join(' ')}\` shows how to fix it.`
}

/** Checks whether a step has nothing to observe because a person does it. */
const isForPerson = ({ status, apply }: PlannedStep): boolean => status === 'unseen' && apply?.kind !== 'wait'

/** Returns the result of each step that has something to observe. */
function checkedSteps(
  steps: PlannedStep[],
  { environment, inventory, runbooks }: Prepared,
  { now }: Runtime,
): Checked[] {
  const places = new Map(runbooks.map(({ value, source }) => [value.name, { source, lines: stepLines(source) }]))
  const today = now().toISOString().slice(0, 10)
  return steps.flatMap((step): Checked[] => {
    const { key, runbook, id, title, status, observation, expectation, note } = step
    if (status === 'unseen') return []
    const known = knownDifference(step, environment.name, inventory.value.knownDifferences, today)
    const more = [
      ...(note === undefined ? [] : [note]),
      ...(known?.state === 'known' ? [`known until ${known.expires}: ${known.reason}`] : []),
      ...(known?.state === 'expired' ? [`known until ${known.expires}, which has passed: ${known.reason}`] : []),
    ]
    const place = places.get(runbook)
    const checked: Checked = {
      environment: environment.name,
      rule: `${runbook}/${id}`,
      key,
      title,
      status: known?.state === 'known' ? 'known' : status,
      says: [describeObserved(observation, expectation), ...more].join('; '),
      ...(known?.state === 'known' ? { because: `${known.reason} (until ${known.expires})` } : {}),
      file: place?.source.name ?? runbook,
      line: place?.lines.get(id) ?? 1,
    }
    return [checked]
  })
}

const BACKFILL = { implemented: 'conformant', owed: 'drift', unchecked: 'unknown' } as const

const checkedFile = (point: Backfill[number], { environment }: Prepared): Checked => ({
  environment: environment.name,
  rule: `${point.runbook}/backfill`,
  key: point.file,
  title: point.says,
  status: BACKFILL[point.status],
  says: `${point.status}: ${describeBackfill(point)}`,
  file: point.file,
  line: point.elsewhere?.[0]?.lines[0] ?? 1,
})

const SHOWN = [
  { status: 'unknown', style: 'bad' },
  { status: 'drift', style: 'warn' },
  { status: 'known', style: 'notice' },
] as const

function report(checked: Checked[], forPersons: number, print: Print, runtime: Runtime): void {
  const paint = painter(runtime.terminal.colour)
  const of = (status: Checked['status']) => checked.filter((each) => each.status === status)
  if (of('conformant').length < checked.length) print('')
  for (const { status, style } of SHOWN)
    for (const { key, says } of of(status)) print(paint(style, printable(`${status.padEnd(8)} ${key}: ${says}`)))
  const steps = forPersons === 1 ? '1 manual step was' : `${forPersons} manual steps were`
  if (forPersons > 0) print(paint('quiet', `${steps} not observed.`))
}

/** Describes the result of one environment in one line. */
export function checkVerdict({ environment, cloud, checked, failed }: CheckedEnvironment, colour: boolean): string {
  const site = showSite({ cloud, project: environment.project }, colour)
  if (failed !== undefined)
    return `${site}  ${painter(colour)('bad', printable(`Could not be observed: ${failed.message}`))}`
  if (checked.length === 0) return `${site}  ${painter(colour)('warn', 'Nothing was observed.')}`
  const count = (status: Checked['status']) => checked.filter((each) => each.status === status).length
  const known = count('known') > 0 ? `, ${count('known')} known.` : '.'
  return `${site}  ${count('conformant')} conformant, ${count('drift')} drifted, ${count('unknown')} unknown${known}`
}
