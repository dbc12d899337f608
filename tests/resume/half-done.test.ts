import { expect, test } from 'vitest'
import type { JsonObject } from '../../engine/base/json.ts'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'

const limit = { timeout: 240_000 }
const PROD = 'jualuma-prod'

/** What `--iap` and `--no-iap` are about, of every service. */
async function iapOf(address: string): Promise<JsonObject> {
  const state = (await (await fetch(`${address}/sandbox/state`)).json()) as {
    projects: Record<string, { services: Record<string, { object: { metadata: JsonObject }; iamPolicy: JsonObject }> }>
  }
  return Object.fromEntries(
    Object.entries(state.projects[PROD]?.services ?? {}).map(([name, { object, iamPolicy }]) => [
      name,
      {
        iap: (object.metadata.annotations as JsonObject)['run.googleapis.com/iap-enabled'] ?? null,
        bindings: iamPolicy.bindings ?? null,
      },
    ]),
  )
}

test(
  'a run that goes on from the half that another has left is taken back to what was there before both',
  limit,
  async () => {
    const on = { service: 'run', method: 'services.setIamPolicy', calls: 1 } as const
    const desk = await makeDesk('incident-2026-02-27', [{ on, answer: { status: 403 } }])
    const before = await iapOf(desk.environment.BREAKGLASS_SANDBOX!)
    const run = () =>
      desk.breakglass(...['run', 'access-posture', '--env', 'prod', '--incident', 'INC-1', '--reason', 'r', '--yes'])
    const first = await run()
    expect(first, first.stdout).toMatchObject({ exit: 1 })
    const second = await run()
    expect(second, second.stdout + second.stderr).toMatchObject({ exit: 0 })
    expect(second.stdout).toMatch(/left this partly changed\. Undo restores what was there before run-/)
    const undone = await desk.breakglass('undo', 'INC-1', '--yes')
    expect(undone, undone.stdout + undone.stderr).toMatchObject({ exit: 0 })
    expect(await iapOf(desk.environment.BREAKGLASS_SANDBOX!)).toEqual(before)
    const again = await desk.breakglass('undo', 'INC-1', '--yes')
    expect(again).toMatchObject({ exit: 0, stdout: expect.stringContaining('Nothing is left to undo') })
  },
)

test(
  'what was changed in another sandbox of the same scenario is neither taken back nor looked for in this one',
  limit,
  async () => {
    const [here, there] = [await makeDesk('incident-2026-02-27'), await makeDesk('incident-2026-02-27')]
    await here.breakglass(
      ...['run', 'access-posture', '--env', 'prod', '--incident', 'INC-1', '--reason', 'r', '--yes'],
    )
    const elsewhere = { BREAKGLASS_SANDBOX: there.environment.BREAKGLASS_SANDBOX! }
    for (const argv of [
      ['undo', 'INC-1', '--yes'],
      ['reconcile', 'INC-1'],
    ]) {
      const { exit, stderr } = await here.breakglassIn(elsewhere, ...argv)
      expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('ran in another sandbox') })
    }
    expect(await there.changes()).toEqual([])
  },
)
