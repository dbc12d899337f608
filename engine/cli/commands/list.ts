import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import { runbookFiles, scenarioFiles, shownPath } from '../../disk/workspace.ts'
import { changesSomething } from '../../runbook/changes-something.ts'
import { readRunbook } from '../../runbook/read-runbook.ts'
import { readScenario } from '../../sandbox/scenario/read-scenario.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { InvalidFiles, load } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

/** `breakglass list`: prints the name and title of each runbook, gate and scenario. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command).action(async (options: CommonOptions) => exit(await list(options, runtime)))
}

type Row = {
  kind: 'runbook' | 'scenario'
  name: string
  title: string
  file: string
  valid: boolean
  /** True for a runbook that changes something; false for a gate. */
  changes?: boolean
}

async function list(options: CommonOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  const workspace = workspaceOrShipped(options.workspace, runtime)
  const row = async (kind: Row['kind'], file: string): Promise<Row> => {
    const shown = shownPath(file, runtime.cwd)
    try {
      if (kind === 'scenario') {
        const { name, title } = (await load(file, runtime.cwd, readScenario)).value.metadata
        return { kind, name, title, file: shown, valid: true }
      }
      const runbook = (await load(file, runtime.cwd, readRunbook)).value
      const { name, title } = runbook
      return { kind, name, title, file: shown, valid: true, changes: changesSomething(runbook) }
    } catch (error) {
      if (error instanceof InvalidFiles)
        return { kind, name: shown, title: 'not valid; run `breakglass validate`', file: shown, valid: false }
      throw error
    }
  }
  const runbooks = await Promise.all((await runbookFiles(workspace)).map((file) => row('runbook', file)))
  const scenarios = await Promise.all((await scenarioFiles(workspace)).map((file) => row('scenario', file)))
  const paint = painter(runtime.terminal.colour)
  const gates = runbooks.filter(({ changes }) => changes === false)
  for (const [heading, rows] of [
    ['Runbooks', runbooks.filter((runbook) => !gates.includes(runbook))],
    ...(gates.length > 0 ? [['Gates (they change nothing; run them with `breakglass check`)', gates] as const] : []),
    ['Scenarios', scenarios],
  ] as const) {
    print(paint('strong', heading))
    for (const { name, title, valid } of rows) {
      const shown = printable(title)
      print(`  ${printable(name).padEnd(24)} ${valid ? shown : paint('bad', shown)}`)
    }
    if (rows.length === 0) print('  none')
  }
  if (options.json) emit({ runbooks, scenarios }, runtime)
  return EXIT.done
}
