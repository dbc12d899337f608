import { describe, expect, test } from 'vitest'
import type { Operator } from '../../engine/run/model/host.ts'
import { refusalOf } from '../../engine/run/open-ended.ts'
import { readBack } from '../../engine/run/read-back.ts'
import type { BoundGcloudStep, Observation, UnreadableCause } from '../../engine/steps/types.ts'
import type { Failure, GcloudResult } from '../../engine/steps/world.ts'
import { leavingConflicts, yesOperator } from '../../engine/terminal/operator.ts'
import { incidentOver } from '../samples/killed-run.ts'
import type { Cloud } from '../samples/model-world.ts'
import { failedWith, gcloudStep, printed, worldOf } from '../samples/samples.ts'

const MINUTE = 60_000
type Operation = { operationType: string; targetLink: string; insertTime: string; status: string; error?: object }
type How = {
  /** What gcloud leaves behind of the first change; every other succeeds at once. */
  answer: GcloudResult
  /** When the first change takes effect, in ms after it was sent; left out: never. */
  effectMs?: number
  /** What lists of operations have at a time; left out: they can't be read. */
  operations?: (now: number, sent: number) => Operation[]
  /** What a read answers instead, at a time. */
  reads?: (now: number, sent: number) => GcloudResult | undefined
}

const seconds = (ms: number) => new Date(ms).toISOString()

/** A cloud with one thing, whose first change may take effect late, and a clock of its own. */
function lateCloud({ answer, effectMs, operations, reads }: How) {
  let time = 1_700_000_000_000
  const start = time
  let [value, sent] = ['wrong', 0]
  let late: { at: number; value: string } | undefined
  const performed: { name: string; value: string }[] = []
  const asked: string[] = []
  const world = worldOf(
    async ({ argv }) => {
      time += 10
      asked.push(argv.join(' '))
      if (late && time >= late.at) [value, late] = [late.value, undefined]
      if (argv.includes('operations')) {
        const listed = operations?.(time, sent)
        return listed ? printed(listed) : failedWith('denied')
      }
      if (argv.includes('describe')) return reads?.(time, sent) ?? printed({ value })
      const wanted = argv.at(-1)?.split('=').at(-1) ?? ''
      performed.push({ name: 'a', value: wanted })
      if (performed.length > 1) {
        value = wanted
        return printed({})
      }
      sent = time
      if (effectMs !== undefined) late = { at: time + effectMs, value: wanted }
      return answer
    },
    {
      clock: {
        now: () => new Date(time),
        sleep: async (ms) => {
          time += ms
        },
      },
    },
  )
  const become = (_: string, to: string) => {
    value = to
  }
  const cloud: Cloud = {
    ...{ world, performed, trace: [], move: () => {}, set: become },
    held: () => (late && time >= late.at ? late.value : value),
  }
  const pass = (ms: number) => {
    time += ms
  }
  return { cloud, asked, pass, passed: () => time - start, sentAt: () => sent }
}

const stepOf = (command: string[], over: Partial<BoundGcloudStep> = {}) =>
  gcloudStep('a', {
    apply: { kind: 'gcloud', command: { argv: [...command, '--to=right'], project: 'p' } },
    reads: [{ command: { argv: [command[0] ?? '', 'instances', 'describe', 'db'], project: 'p' } }],
    undo: { words: [...command, '--to=${{ before.value }}'] },
    timeoutMs: MINUTE,
    settle: { reads: 1, everyMs: 2000, withinMs: 30_000 },
    ...over,
  })
const SQL = ['sql', 'instances', 'patch', 'db']
const ended = (exitCode: number | null, cause: Failure['cause'], message: string): GcloudResult => ({
  ...failedWith(cause, message),
  exitCode,
})
const verdicts = (incident: ReturnType<typeof incidentOver>) =>
  incident.log.flatMap((entry) =>
    entry.type === 'step.outcome' || entry.type === 'step.resolved' ? [entry.body.verdict] : [],
  )
const unasked = yesOperator('ada')

describe('a change with an unknown outcome', () => {
  const ends: [string, string[], GcloudResult][] = [
    ['was ended at its timeout', SQL, ended(null, 'timeout', 'gcloud did not answer and was ended')],
    ['was killed by a signal', SQL, ended(null, 'other', 'gcloud ended with a signal and no error message')],
    ['was killed under its shell', ['compute', 'instances', 'stop', 'db'], ended(137, 'invalid', 'Killed')],
    ['lost its reply', ['secrets', 'update', 'db'], ended(1, 'network', 'gcloud crashed (ConnectionError)')],
    ['was given up by gcloud', SQL, ended(1, 'other', 'Operation is taking longer than expected')],
    ['did not wait', [...SQL, '--async'], printed({})],
    ['got a 503', ['iam', 'roles', 'update', 'db'], ended(1, 'unavailable', 'UNAVAILABLE: try again')],
    ['says there is such a thing', ['pubsub', 'topics', 'create', 'db'], ended(1, 'conflict', 'db already exists')],
  ]
  test.each(ends)('that %s is in doubt, then right, then undone', async (_, command, answer) => {
    const { cloud, pass } = lateCloud({ answer, effectMs: 10 * MINUTE })
    const step = stepOf(command, { retry: { attempts: 1, everyMs: 100 } })
    // Whoever was told that there is such a thing decides whether it is undone.
    const incident = incidentOver(cloud, [step], { ...unasked, decide: async () => ({ choice: 'apply' }) })
    const run = await incident.run()
    if (answer.failure?.cause === 'network' || answer.failure?.cause === 'unavailable')
      expect(run).toMatchObject({ ending: 'done' })
    else expect(run).toMatchObject({ ending: 'in-doubt', reason: expect.stringMatching(/may still take effect/) })
    expect(await incident.resume()).toMatchObject({ ending: 'done' })
    pass(30 * MINUTE)
    expect([cloud.held('a'), cloud.performed.length]).toEqual(['right', 1])
    expect(await incident.undo()).toMatchObject({ ending: 'done' })
    pass(30 * MINUTE)
    expect(cloud.held('a')).toBe('wrong')
    expect(verdicts(incident)).not.toContain('not-applied')
  })

  test.each<[string, GcloudResult]>([
    ['a refusal', failedWith('denied')],
    ['an invalid request', failedWith('invalid')],
    ['too many requests', failedWith('unavailable', 'RESOURCE_EXHAUSTED: Quota exceeded')],
    ['a command that never started', { ...failedWith('no-gcloud'), exitCode: null }],
  ])('is none after %s', async (_, answer) => {
    const incident = incidentOver(lateCloud({ answer }).cloud, [stepOf(['secrets', 'update', 'db'])], unasked)
    await incident.run()
    expect(verdicts(incident)[0]).toBe('not-applied')
  })

  test('that never came is not applied once nothing of it can come any more, and is made then', async () => {
    const answer = ended(null, 'timeout', 'ended')
    const { cloud, passed } = lateCloud({ answer })
    const incident = incidentOver(cloud, [stepOf(['secrets', 'update', 'db'])], unasked)
    expect(await incident.run()).toMatchObject({ ending: 'in-doubt' })
    expect(passed()).toBeLessThan(MINUTE)
    expect(await incident.resume()).toMatchObject({ ending: 'done' })
    expect(passed()).toBeGreaterThan(14 * MINUTE)
    expect(verdicts(incident)).toEqual(['in-doubt', 'not-applied', 'applied'])
  })

  test('is not waited for again by a process that resumes after that time, whatever its clock says', async () => {
    const { cloud, passed, pass } = lateCloud({ answer: ended(null, 'timeout', 'ended') })
    const incident = incidentOver(cloud, [stepOf(['secrets', 'update', 'db'])], unasked)
    await incident.run()
    pass(20 * MINUTE)
    const before = passed()
    await incident.resume()
    expect(passed() - before).toBeLessThan(2 * MINUTE)
  })

  test('is waited for in full where the log is of a time to come', async () => {
    const { cloud, passed } = lateCloud({ answer: ended(null, 'timeout', 'ended') })
    const incident = incidentOver(cloud, [stepOf(['secrets', 'update', 'db'])], unasked)
    await incident.run()
    for (const entry of incident.log) entry.time = new Date(Date.parse(entry.time) + 3600_000).toISOString()
    const before = passed()
    await incident.resume()
    expect(passed() - before).toBeGreaterThan(14 * MINUTE)
  })
})

describe('the operation that the cloud has of a change', () => {
  const GKE = ['container', 'clusters', 'resize', 'db', '--num-nodes=3', '--zone=z']
  const STOP = ['compute', 'instances', 'stop', 'db', '--zone=z']
  const kinds: [string, string[], string][] = [
    ['sql', SQL, 'UPDATE'],
    ['container', GKE, 'SET_NODE_POOL_SIZE'],
    ['compute', STOP, 'stop'],
  ]
  const link = 'https://host/projects/p/zones/z/clusters/db'
  const one = (sent: number, operationType: string, status: string, more: object = {}): Operation => ({
    ...{ operationType, status, targetLink: link, insertTime: seconds(sent + 500) },
    ...more,
  })

  test.each(kinds)(
    'of %s is waited for while it is under way, and its failure is the verdict',
    async (_, command, type) => {
      const { cloud, passed, asked } = lateCloud({
        answer: ended(null, 'timeout', 'ended'),
        operations: (now, sent) => [
          now < sent + 50 * MINUTE
            ? one(sent, type, 'RUNNING')
            : one(sent, type, 'DONE', { error: { errors: [{ code: 'NO_ROOM', message: 'no room' }] } }),
        ],
      })
      const incident = incidentOver(cloud, [stepOf(command)], unasked)
      expect(await incident.run()).toMatchObject({ ending: 'in-doubt' })
      await incident.resume()
      expect(verdicts(incident).slice(0, 2)).toEqual(['in-doubt', 'not-applied'])
      expect(passed()).toBeGreaterThan(50 * MINUTE)
      expect(passed()).toBeLessThan(55 * MINUTE)
      expect(asked.filter((text) => text.includes('operations list')).length).toBeGreaterThan(0)
    },
  )

  test.each<[string, (sent: number) => Operation[]]>([
    ['began before ours', (sent) => [one(sent - 5000, 'UPDATE', 'DONE')]],
    ['is of another kind', (sent) => [one(sent, 'BACKUP', 'DONE')]],
    ['is of another instance', (sent) => [{ ...one(sent, 'UPDATE', 'DONE'), targetLink: `${link}-2` }]],
  ])('does not speak for ours where it %s', async (_, listed) => {
    const { cloud } = lateCloud({ answer: ended(null, 'timeout', 'ended'), operations: (_now, sent) => listed(sent) })
    const incident = incidentOver(cloud, [stepOf(SQL)], unasked)
    expect(await incident.run()).toMatchObject({ ending: 'in-doubt' })
  })

  test('is waited for even if gcloud was refused while polling', async () => {
    const { cloud } = lateCloud({
      answer: failedWith('denied'),
      effectMs: 5 * MINUTE,
      operations: (now, sent) => [one(sent, 'UPDATE', now < sent + 5 * MINUTE ? 'RUNNING' : 'DONE')],
    })
    const incident = incidentOver(cloud, [stepOf(SQL)], unasked)
    expect(await incident.run()).toMatchObject({ ending: 'in-doubt' })
    expect(await incident.resume()).toMatchObject({ ending: 'done' })
    expect(cloud.performed.length).toBe(1)
  })
})

describe('a read-back ends', () => {
  const value = (is: string): Observation => ({ state: 'value', value: { value: is } })
  const unknown = (cause: UnreadableCause): Observation => ({ state: 'unknown', cause, reason: `it is ${cause}` })
  const settle = { reads: 1, everyMs: 5000, withinMs: 10 * MINUTE }

  /** Reads these in turn, the last one for ever; answers also how much time has passed. */
  async function read(
    shown: (Observation & { final?: string })[],
    {
      failure,
      command = ['secrets', 'update', 'db'],
      before = value('wrong'),
      again,
    }: { failure?: Failure; command?: string[]; before?: Observation; again?: () => Promise<boolean> } = {},
    clock = steadyClock(),
  ) {
    let count = 0
    const look = async () => {
      const seen: Observation & { final?: string } = shown[Math.min(count++, shown.length - 1)] ?? value('wrong')
      const { final, ...observation } = seen
      return { observation: observation as Observation, expectation: { value: 'right' }, ...(final ? { final } : {}) }
    }
    const world = { ...worldOf(async () => printed({})), clock }
    const host = { world, report: async () => {}, stopRequested: () => false, again }
    const from = clock.elapsed()
    const refused = failure && refusalOf(failure, { kind: 'gcloud', command: { argv: command, project: 'p' } })
    const back = await readBack({ key: 'a', settle }, look, before, { failure, refused }, host)
    return { ...back, passed: clock.elapsed() - from }
  }
  function steadyClock(jump?: { atMs: number; byMs: number }) {
    let time = 0
    return {
      now: () => new Date(1_700_000_000_000 + time + (jump && time >= jump.atMs ? jump.byMs : 0)),
      elapsed: () => time,
      sleep: async (ms: number) => {
        time += ms
      },
    }
  }
  const conflict = (message: string): Failure => ({ cause: 'conflict', message })

  test.each<UnreadableCause>(['no-login', 'denied', 'disabled-api', 'no-gcloud'])(
    'at the first read that is refused (%s), and reads on once the person has seen to it',
    async (cause) => {
      expect(await read([unknown(cause)])).toMatchObject({ reads: 1, until: 'refused', passed: 0 })
      const asked = await read([unknown(cause), value('right')], { again: async () => true })
      expect(asked).toMatchObject({ reads: 2, until: 'settled' })
    },
  )

  test('not at a transient read failure, nor while a new resource is denied until it is visible', async () => {
    expect(await read([unknown('network'), value('right')])).toMatchObject({ until: 'settled' })
    const before: Observation = { state: 'absent' }
    expect(await read([unknown('denied'), value('right')], { before })).toMatchObject({ until: 'settled' })
  })

  test.each(['ABORTED: Conflict for resource a', 'There were concurrent policy changes', 'HTTPError 409'])(
    'after two reads as before where another edit came first: %s',
    async (message) => {
      const back = await read([value('wrong')], { failure: conflict(message) })
      expect(back).toMatchObject({ reads: 2, until: 'conflict', openForMs: 0, passed: 5000 })
    },
  )

  const tooMany: Failure = { cause: 'unavailable', message: 'RESOURCE_EXHAUSTED: Quota exceeded' }
  test.each([
    ['secrets versions add db'],
    ['iam service-accounts add-iam-policy-binding a@p'],
    ['projects set-iam-policy p'],
    ['run services remove-iam-policy-binding app'],
  ])('after two reads as before where %s was one request too many', async (command) => {
    const back = await read([value('wrong')], { failure: tooMany, command: command.split(' ') })
    expect(back).toMatchObject({ reads: 2, until: 'said-no', openForMs: 0, passed: 5000 })
  })

  test.each(['run services update app', 'sql instances patch db', 'compute instances stop vm'])(
    'not if %s had too many requests: it may have been polling its change',
    async (command) => {
      const late = [value('wrong'), value('wrong'), value('wrong'), value('right')]
      expect(await read(late, { failure: tooMany, command: command.split(' ') })).toMatchObject({ until: 'settled' })
    },
  )

  test('not if the resource exists already: our own request may have made it', async () => {
    const back = await read([value('wrong')], { failure: conflict('ALREADY_EXISTS: a already exists') })
    expect(back.until).toBe('time-up')
  })

  test('at a state that the resource stays in, and not where that is from before the change', async () => {
    const failed = { ...value('half'), final: 'Ready is False' }
    expect(await read([failed])).toMatchObject({ reads: 1, until: 'final', says: 'Ready is False' })
    const old = await read([{ ...value('wrong'), final: 'Ready is False' }, value('right')])
    expect(old).toMatchObject({ reads: 2, until: 'settled' })
  })

  test.each([
    ['set back by an hour', { atMs: MINUTE, byMs: -3600_000 }],
    ['found an hour later, as after a sleep', { atMs: MINUTE, byMs: 3600_000 }],
  ])('by the time that has passed, though the clock was %s', async (_, jump) => {
    const [steady, jumped] = [await read([value('wrong')]), await read([value('wrong')], {}, steadyClock(jump))]
    expect([jumped.reads, jumped.passed]).toEqual([steady.reads, steady.passed])
  })
})

describe('an undo with --yes', () => {
  const operator: Operator = leavingConflicts(unasked)
  const half = { conditions: [{ type: 'Ready', status: 'False', message: 'it does not start' }], observedGeneration: 2 }

  test('undoes a partial change of its own if the state before is known', async () => {
    const { cloud } = lateCloud({
      answer: ended(1, 'other', 'Revision is not ready'),
      reads: (_, sent) =>
        sent > 0 && cloud.performed.length === 1
          ? printed({ value: 'right', ready: false, metadata: { generation: 2 }, status: half })
          : printed({ value: cloud.held('a'), ready: true }),
      effectMs: 0,
    })
    const step = stepOf(['run', 'services', 'update', 'db'], {
      select: { value: '${{ result.value }}', ready: '${{ result.ready }}' },
      expect: { value: 'right', ready: true },
    })
    const incident = incidentOver(cloud, [step], operator)
    expect(await incident.run()).toMatchObject({ ending: 'failed', reason: expect.stringMatching(/does not start/) })
    expect(await incident.undo()).toMatchObject({ ending: 'done' })
    expect(cloud.held('a')).toBe('wrong')
  })
})
