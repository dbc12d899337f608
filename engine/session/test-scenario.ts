import { join } from 'node:path'
import { incidentFolder, readRecord } from '../disk/logs/incident-folder.ts'
import { inTempFolder } from '../disk/temp-dir.ts'
import type { Workspace } from '../disk/workspace.ts'
import { type Ended, otherThanExpected } from '../report/expected.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import type { Scenario } from '../sandbox/model/scenario.ts'
import { EXIT } from './exit-codes.ts'
import { scenarioChoice } from './host/choose-cloud.ts'
import { explain } from './host/explain-error.ts'
import type { Loaded } from './host/load.ts'
import type { Runtime } from './host/runtime.ts'
import { readOwnLog } from './log/derive-record.ts'
import { rehearsalRequest } from './prepare/rehearsal-request.ts'
import { remediate } from './remediate.ts'

/** The result of testing a scenario: how its end differs from the expected one, and the output of its rehearsal. */
export type Tested = { name: string; title: string; wrong: string[]; output: string; durationMs: number }

const INCIDENT = 'test'

/** Rehearses a scenario unattended, in a temporary folder, and compares its end with the expected one. */
export async function testScenario(
  scenario: Loaded<Scenario>,
  workspace: Workspace,
  cold: boolean,
  runtime: Runtime,
): Promise<Tested> {
  const { metadata, expected = {} } = scenario.value
  const started = runtime.now().getTime()
  const said: string[] = []
  const ended = await inTempFolder((folder) => rehearsed(scenario, workspace, cold, quiet(runtime, folder, said)))
  return {
    name: metadata.name,
    title: metadata.title,
    wrong: otherThanExpected(expected, ended),
    output: said.join('\n'),
    durationMs: runtime.now().getTime() - started,
  }
}

/** Returns a runtime without a person at the terminal, that collects all output and has no key to sign with. */
const quiet = (runtime: Runtime, folder: string, said: string[]): Runtime => ({
  ...runtime,
  cwd: folder,
  environment: { PATH: runtime.environment.PATH },
  terminal: { interactive: false, columns: 200, colour: false },
  out: (text) => void said.push(text),
  err: (text) => void said.push(text),
})

async function rehearsed(
  scenario: Loaded<Scenario>,
  workspace: Workspace,
  cold: boolean,
  runtime: Runtime,
): Promise<Ended> {
  const logs = join(runtime.cwd, 'logs')
  const request = { ...(await rehearsalRequest(scenario, workspace)), incident: INCIDENT, logs, yes: true, cold }
  try {
    const exitCode = await remediate(scenarioChoice(scenario), workspace, request, runtime)
    const paths = incidentFolder(logs, INCIDENT)
    const runs = foldRuns((await readOwnLog(paths)).entries)
    const steps = runs.flatMap((run) => [...run.steps.values()])
    const keysOf = (chosen: typeof steps) => chosen.map(({ planned }) => planned.key)
    return {
      exitCode,
      drifted: keysOf(steps.filter(({ planned }) => planned.status === 'drift')),
      changed: keysOf(steps.filter(({ status }) => status === 'applied')),
      record: (await readRecord(paths)) ?? '',
    }
  } catch (error) {
    const { exitCode } = (await explain(error, runtime)) ?? { exitCode: EXIT.failed }
    return { exitCode, drifted: [], changed: [], record: '' }
  }
}
