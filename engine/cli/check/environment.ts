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
import { observeShown, openReady, type Prepared, type Ready } from '../../session/prepare/prepare.ts'
import { describeObserved } from '../../steps/describe.ts'
import { changesAnything } from '../../steps/index.ts'
import { painter } from '../../terminal/screen.ts'
import { showSite } from '../../terminal/site.ts'

type Asked = CloudOptions & { runbooks: string[] }
type Backfill = Awaited<ReturnType<typeof observeBackfill>>

/** How an environment was found; `failed` and `interrupted`: it was not observed to the end. */
export type CheckVerdict = 'conformant' | 'drift' | 'unknown' | 'failed' | 'interrupted'

/** What a check has seen of one environment: as data, and as what is reported of it. */
export type SeenEnvironment = Pick<Prepared, 'environment'> & {
  cloud: Prepared['cloud']['name']
  steps: PlannedStep[]
  backfill: Backfill
  checked: Checked[]
  /** Why it could not be observed. */
  failed?: Failure
}

/** Observes runbooks in one environment and says what is not as it must be. */
export async function checkEnvironment(
  ready: Ready,
  choice: CloudChoice,
  request: Asked,
  print: Print,
  runtime: Runtime,
): Promise<SeenEnvironment> {
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

/** Returns what is reported of an environment that could not be observed: one point, unknown, in every format. */
export function unseenEnvironment(
  { environment, runbooks: [first] }: Ready,
  cloud: Prepared['cloud']['name'],
  failed: Failure,
): SeenEnvironment {
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

/** Returns the verdict on an environment: seen drift is drift, whatever else is unknown; what was not observed is never conformant. */
export function verdictOn({ checked, failed }: SeenEnvironment): CheckVerdict {
  if (failed !== undefined) return failed.exitCode === EXIT.interrupted ? 'interrupted' : 'failed'
  const statuses = checked.map(({ status }) => status)
  if (statuses.includes('drift')) return 'drift'
  return statuses.includes('unknown') || checked.length === 0 ? 'unknown' : 'conformant'
}

/** Returns the runbooks that would change something of what drifted; checks and gates only observe, and what is known is left as it is. */
function changeableRunbooks(checked: Checked[], steps: PlannedStep[]): string[] {
  const drifted = new Set(checked.filter(({ status }) => status === 'drift').map(({ key }) => key))
  const changes = steps.filter(({ key, apply }) => drifted.has(key) && apply !== undefined && changesAnything(apply))
  return [...new Set(changes.map(({ runbook }) => runbook))]
}

/** Says what follows from drift: the command that shows how it would be changed, or that nothing here changes it. */
function nextAfterDrift(
  changeable: string[],
  { runbooks: loaded }: Prepared,
  { env, sandbox, input, runbooks, inventory, workspace }: Asked,
): string {
  if (changeable.length === 0)
    return `${loaded.map(({ value }) => value.name).join(', ')} only shows this drift. Next: \`breakglass list\` shows the runbooks that change something.`
  const named = runbooks.filter((_, index) => changeable.includes(loaded[index]?.value.name ?? ''))
  const argv = [
    ...['breakglass', 'plan', ...named, '--env', env],
    ...(sandbox === undefined ? [] : ['--sandbox', sandbox]),
    ...(workspace === undefined ? [] : ['--workspace', workspace]),
    ...(inventory === undefined ? [] : ['--inventory', inventory]),
    ...Object.entries(input).flatMap(([name, value]) => ['--input', `${name}=${value}`]),
  ]
  return `Next: \`${argv.map(quoteWord).join(' ')}\` shows how to change it.`
}

/** Whether there is nothing to look at in a step, since it is for a person. */
const isForPerson = ({ status, apply }: PlannedStep): boolean => status === 'unseen' && apply?.kind !== 'wait'

/** What was seen of each step; of which there is nothing to see, nothing is said. */
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
      ...(known?.state === 'expired' ? [`it was known until ${known.expires}, which is over: ${known.reason}`] : []),
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
  const [are, were] = forPersons === 1 ? ['1 step is', 'was'] : [`${forPersons} steps are`, 'were']
  if (forPersons > 0) print(paint('quiet', `${are} for a person and ${were} not looked at.`))
}

/** Says in one line what a check has seen of one environment. */
export function checkVerdict({ environment, cloud, checked, failed }: SeenEnvironment, colour: boolean): string {
  const site = showSite({ cloud, project: environment.project }, colour)
  if (failed !== undefined)
    return `${site}  ${painter(colour)('bad', printable(`Could not be observed: ${failed.message}`))}`
  if (checked.length === 0) return `${site}  ${painter(colour)('warn', 'Nothing was observed, so nothing is known.')}`
  const count = (status: Checked['status']) => checked.filter((each) => each.status === status).length
  const known = count('known') > 0 ? `, ${count('known')} known.` : '.'
  return `${site}  ${count('conformant')} conformant, ${count('drift')} drifted, ${count('unknown')} unknown${known}`
}
