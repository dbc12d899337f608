import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import type { GcloudCall } from '../../steps/world.ts'
import { fullArgv } from '../argv.ts'
import type { Ended, Runner } from '../ended.ts'
import { FRAME, frameHead, readFrames } from './frames.ts'
import { followCommand, type RunningCommand } from './running-command.ts'

/** A gcloud that is loaded once and forked for each command. */
export type Warm = {
  /** Runs one command; returns undefined if there is no warm gcloud. */
  run(call: GcloudCall, runner: Runner): Promise<Ended | undefined>
  /** Resolves to why there is no warm gcloud; undefined if there is one. */
  whyCold(): Promise<string | undefined>
  /** Ends it and every command that still runs in it. */
  close(): Promise<void>
}

/** How to start a warm gcloud: gcloud's own launcher, the program to start, and the expected commands. */
export type WarmStart = {
  launcher: string
  program: string
  version: string
  environment: Record<string, string>
  /** The commands whose modules to load, as arguments. */
  commands: string[][]
  endGroup(pid: number): void
}

/** How long gcloud may take to load and to exit. */
const TIMEOUT_MS = { load: 20_000, end: 2_000 }

/**
 * Starts a warm gcloud. Its launcher picks Python and variables as for any command and reads the program from stdin; the
 * inherited socket is the only way to reach it.
 */
export function startWarm(start: WarmStart): Warm {
  const child = spawn(start.launcher, ['breakglass'], {
    env: { ...start.environment, CLOUDSDK_PYTHON_ARGS: '-S -' },
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const [stdin, socket] = [child.stdin as Duplex | null, child.stdio[3] as Duplex]
  const running = new Map<number, RunningCommand>()
  const { promise: loaded, resolve: settle } = Promise.withResolvers<string | undefined>()
  const loadTimer = setTimeout(() => stop('loading it timed out'), TIMEOUT_MS.load)
  let stopped = false

  function stop(why: string): void {
    stopped = true
    clearTimeout(loadTimer)
    settle(why)
    if (child.pid !== undefined && child.exitCode === null) start.endGroup(child.pid)
    for (const command of running.values()) command.abandon()
    running.clear()
  }
  function onHello(body: Buffer): void {
    const { version } = JSON.parse(body.toString()) as { version: string }
    clearTimeout(loadTimer)
    if (version === start.version) settle(undefined)
    else stop(`it reports version ${version}, not ${start.version}`)
  }
  const read = readFrames((frame) =>
    frame.kind === FRAME.hello ? onHello(frame.body) : running.get(frame.number)?.take(frame),
  )
  function onData(piece: Buffer): void {
    try {
      read(piece)
    } catch {
      stop('it sent an invalid frame')
    }
  }
  child.on('error', (error) => stop(error.message))
  for (const end of [stdin, socket]) end?.on('error', () => {})
  socket.on('close', () => stop('it exited while loading')).on('data', onData)
  stdin?.end(readFileSync(start.program))
  const { environment, commands } = start
  send(socket, 0, FRAME.prepare, Buffer.from(JSON.stringify({ environment, commands })))
  let count = 0
  return {
    whyCold: () => loaded,
    async run(call, runner) {
      if ((await loaded) !== undefined || stopped) return undefined
      const number = ++count
      const command = followCommand(call.timeoutMs, runner, () => stop('it stopped responding'))
      running.set(number, command)
      sendCommand(socket, number, call, runner)
      return command.ended.finally(() => running.delete(number))
    },
    close: () => closeWarm(child, socket, start.endGroup),
  }
}

function sendCommand(socket: Duplex, number: number, call: GcloudCall, { environment }: Runner): void {
  const command = { argv: fullArgv(call), environment, stdin: call.stdin !== undefined }
  send(socket, number, FRAME.run, Buffer.from(JSON.stringify(command)))
  call.stdin?.lend((bytes) => send(socket, number, FRAME.stdin, bytes))
}

function send(socket: Duplex, number: number, kind: number, body: Uint8Array): void {
  socket.write(frameHead(number, kind, body.length))
  socket.write(body)
}

/** Closes the socket, which ends the warm gcloud. */
async function closeWarm(child: ChildProcess, socket: Duplex, endGroup: (pid: number) => void): Promise<void> {
  socket.destroy()
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const { pid } = child
  const killTimer = setTimeout(() => endGroup(pid), TIMEOUT_MS.end)
  await once(child, 'exit')
  clearTimeout(killTimer)
}
