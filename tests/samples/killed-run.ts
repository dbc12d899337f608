import { onePass, planStep } from '../../engine/plan/observe.ts'
import type { Plan } from '../../engine/plan/types.ts'
import { progressOf, runPlan, runToEnd } from '../../engine/run/loop.ts'
import type { RunEvent } from '../../engine/run/model/events.ts'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import type { Operator, RunHost } from '../../engine/run/model/host.ts'
import { baselineOf } from '../../engine/run/model/partial-change.ts'
import type { BoundWork, RunEnd } from '../../engine/run/model/progress.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import type { RunState } from '../../engine/run/model/run-state.ts'
import { resumeRun, unfinishedRun } from '../../engine/run/resume.ts'
import { conditionsOf, doneIn, doneOf, planUndo, undoPlanned, undoStep } from '../../engine/run/undo.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundStep, BoundUndoStep } from '../../engine/steps/types.ts'
import type { World } from '../../engine/steps/world.ts'
import { type Cloud, openedBody } from './model-world.ts'
import { gcloudStep } from './samples.ts'

/** The engine was ended at once, wherever it was. */
export class Killed extends Error {}

/** An incident over a model cloud: its log, and engines that work on it and can be killed at any moment. */
export function incidentOver(cloud: Cloud, names: string[] | BoundStep[], operator: Operator) {
  const log: Recorded[] = []
  const steps = names.map((name) =>
    typeof name === 'string' ? gcloudStep(name, { retry: { attempts: 2, everyMs: 500 } }) : name,
  )
  let left = Number.POSITIVE_INFINITY
  /** One moment of an engine's life; it has so many. */
  const moment = () => {
    if (left-- <= 0) throw new Killed()
  }
  const world: World = {
    ...cloud.world,
    async gcloud(call) {
      moment()
      const result = await cloud.world.gcloud(call)
      moment()
      return result
    },
  }
  const appendTo = (run: string) => async (event: RunEvent) => {
    moment()
    log.push(
      structuredClone({ seq: log.length + 1, time: cloud.world.clock.now().toISOString(), run, ...event }) as Recorded,
    )
    moment()
  }
  const hostOf = (run: string, who: Operator = operator): RunHost => ({
    world,
    width: 4,
    operator: who,
    append: appendTo(run),
    async openUndo(step) {
      const inner = `undo-${log.length}`
      await appendTo(inner)({ type: 'run.opened', body: { ...openedBody, undoes: [{ run, step }], within: run } })
      return { run, append: appendTo(inner) }
    },
    report: async () => {},
    stopRequested: () => false,
    noMore: () => false,
    random: () => 0.5,
  })
  const look = (bound: BoundStep[]) => {
    const pass = onePass(world, 4)
    return Promise.all(bound.map(async (step) => planStep(step, await observe(step, pass))))
  }
  /** Lives for so many moments; answers how it ended, or that it was killed. */
  async function live(moments: number, life: () => Promise<RunEnd>): Promise<RunEnd | 'killed'> {
    left = moments
    try {
      return await life()
    } catch (error) {
      if (error instanceof Killed) return 'killed'
      throw error
    } finally {
      left = Number.POSITIVE_INFINITY
    }
  }
  const workOf = (bound: BoundStep[]): BoundWork => ({ steps: bound, checks: [], backfill: [] })
  const undoSteps = (undoes: { run: string; step: string }[]) => {
    const dones = undoes.map(({ run, step }) => {
      const state = foldRuns(log)
        .find((each) => each.run === run)
        ?.steps.get(step)
      return doneOf(run, state!)
    })
    const bound = dones.map((done) => undoStep(done, steps.find(({ key }) => key === done.planned.key)!))
    return { dones, bound: bound as BoundUndoStep[] }
  }
  return {
    log,
    runs: (): RunState[] => foldRuns(log),
    /** Plans and carries out a run. */
    run: (moments = Number.POSITIVE_INFINITY, name = 'run-1') =>
      live(moments, async () => {
        const host = hostOf(name)
        const earlier = foldRuns(log)
        await host.append({ type: 'run.opened', body: openedBody })
        const plan: Plan = {
          environment: { name: 'prod', project: 'p-prod', protected: false },
          runbooks: [{ name: 'sample', title: 'Sample remediation', digest: 'sha256:0' }],
          inventory: { name: 'i', digest: 'sha256:0' },
          inputs: {},
          steps: await look(steps),
          checks: [],
        }
        await host.append({ type: 'plan.made', body: { plan, digest: 'sha256:0' } })
        return runPlan(plan, workOf(steps), host, ({ key, observation }) =>
          baselineOf(earlier, 'p-prod', key, observation),
        )
      }),
    /** Goes on with what is unfinished; undefined where the run was killed before its plan, and how it ended where it had. */
    async resume(moments = Number.POSITIVE_INFINITY, who = operator): Promise<RunEnd | 'killed' | undefined> {
      const run = unfinishedRun(foldRuns(log))
      if (!run) return foldRuns(log).at(-1)?.closed
      const { plan, opened } = run
      if (!plan) return undefined
      return live(moments, () => {
        const { dones, bound } = opened.undoes ? undoSteps(opened.undoes) : { dones: [], bound: steps }
        const going = { observe: () => look(bound), show: () => {}, first: conditionsOf(dones) }
        return resumeRun({ ...run, plan }, workOf(bound), going, hostOf(run.run, who))
      })
    },
    /** Takes back all that is there, newest first. */
    undo: (moments = Number.POSITIVE_INFINITY) =>
      live(moments, async () => {
        const undoes = foldRuns(log)
          .toReversed()
          .flatMap(doneIn)
          .map(({ run, planned }) => ({ run, step: planned.key }))
        const { dones, bound } = undoSteps(undoes)
        const host = hostOf('undo-1')
        await host.append({ type: 'run.opened', body: { ...openedBody, undoes } })
        const plan = await planUndo(foldRuns(log)[0]!.plan!, bound, host)
        await host.append(undoPlanned(plan))
        return runToEnd(progressOf(plan, conditionsOf(dones)), workOf(bound), host)
      }),
  }
}
