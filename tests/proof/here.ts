import { randomBytes } from 'node:crypto'
import { UserError } from '../../engine/base/problem.ts'
import { runProgram } from '../../engine/cli/program.ts'
import { findProgram } from '../../engine/programs/find-program.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'
import type { Ended } from './machine.ts'
import { root } from './machine.ts'

/** What a command says here that came as far as a cloud. */
export const REACHED = 'a cloud was opened'

/**
 * Runs a command line in this process: the same commands, disk and ssh-keygen, without the second that a process takes to
 * start, and with no cloud.
 */
export async function runHere(argv: string[], cwd: string): Promise<Ended> {
  const stdout: string[] = []
  const stderr: string[] = []
  const noCloud = () => Promise.reject(new UserError(REACHED, 'there is none here', 1))
  const runtime: Runtime = {
    environment: { PATH: process.env.PATH, HOME: cwd },
    cwd,
    terminal: { interactive: false, columns: 100, colour: false },
    keyboard: {
      take() {},
      stand: () => ({ drawn() {}, gone() {} }),
      lend: (work) => work(),
      restore() {},
      resumed() {},
      async suspend() {},
      async close() {},
    },
    footer: { show: () => {}, isShown: () => false, above: (work) => work() },
    argv,
    version: '0.0.0',
    packageFolder: root,
    ownCommand: [],
    operator: 'tester',
    pid: process.pid,
    locks: `${cwd}/locks`,
    width: 4,
    out: (text) => stdout.push(text),
    err: (text) => stderr.push(text),
    command: (line) => stdout.push(line),
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes),
    stopping: new AbortController().signal,
    endAtOnce: () => () => {},
    ifCutOff: () => () => {},
    openCloud: noCloud,
    examine: noCloud,
    runCommand: noCloud,
  }
  const exit = await runProgram(argv, runtime)
  return { exit, stdout: stdout.join('\n'), stderr: stderr.join('\n') }
}

if (findProgram('ssh-keygen', process.env.PATH) === undefined)
  throw new Error('There is no ssh-keygen on the PATH; these tests check signatures with it.')
