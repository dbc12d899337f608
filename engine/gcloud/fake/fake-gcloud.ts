import { markOf } from '../../steps/mark.ts'
import type { Failure, GcloudCall, GcloudResult } from '../../steps/world.ts'
import { makeApi } from './api.ts'
import { ApiError } from './api-error.ts'
import { dottedName, readArgv } from './argv.ts'
import type { Command, CommandContext, Printed } from './command.ts'
import { fakeGcloudCommands } from './commands.ts'
import { Crashed, Failed } from './failed.ts'
import { jsonText } from './json-text.ts'

/** What the fake gcloud needs from outside: the sandbox, a clock, randomness, and what it shares with the real client. */
export type FakeGcloudHost = {
  /** The sandbox's `http://127.0.0.1:PORT` and the only token that it accepts. */
  address: string
  token: string
  /** The mark that identifies this process's requests, as with the real gcloud. */
  mark?: string
  /** The package's version, which is the fake gcloud's too. */
  version: string
  /** Waits, by the sandbox's clock or a real one. */
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  crc32c(bytes: Uint8Array): number
  mask(text: string): string
  /** Classifies a failed command by its stderr; `secret` if its output would have been a secret. */
  classify(exitCode: number, stderr: string, secret: boolean): Failure
}

/** A longer timer would fire at once: Node counts it in 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1

type Ended = { exitCode: number; output: string; stderr: string }

/**
 * Runs a gcloud command against a sandbox in this process, for machines without gcloud: same requests, JSON, exit codes
 * and first error lines. It connects to no other address than the sandbox's.
 */
export async function runFakeGcloud(call: GcloudCall, host: FakeGcloudHost): Promise<GcloudResult> {
  const started = performance.now()
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), Math.min(call.timeoutMs, LONGEST_TIMER))
  const racing = Promise.race([execute(call, host, timeout), untilAborted(timeout.signal)])
  const ended = await racing.finally(() => clearTimeout(timer))
  const durationMs = Math.round(performance.now() - started)
  if (!ended) {
    const message = `the fake gcloud did not finish within ${call.timeoutMs / 1000} s and was stopped`
    return {
      way: 'fake',
      exitCode: null,
      output: new Uint8Array(0),
      stderr: '',
      durationMs,
      failure: { cause: 'timeout', message },
    }
  }
  const text = host.mask(ended.stderr)
  const secret = call.secretOutput ?? false
  return {
    way: 'fake',
    exitCode: ended.exitCode,
    output: new TextEncoder().encode(ended.output),
    stderr: secret ? '' : text.trimEnd().slice(-4000).toWellFormed(),
    durationMs,
    ...(ended.exitCode === 0 ? {} : { failure: host.classify(ended.exitCode, text, secret) }),
  }
}

const untilAborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

async function execute(call: GcloudCall, host: FakeGcloudHost, timeout: AbortController): Promise<Ended | undefined> {
  let command: Command | undefined
  try {
    const read = readArgv(call.argv, fakeGcloudCommands)
    command = read.command
    return succeeded(await command.run(read.args, contextFor(call, host, timeout)))
  } catch (error) {
    if (timeout.signal.aborted) return undefined
    return failed(error as Error, call, command)
  }
}

const succeeded = ({ json, message }: Printed): Ended => ({
  exitCode: 0,
  output: jsonText(json),
  stderr: message === undefined ? '' : `${message}\n`,
})

function failed(error: Error, { argv }: GcloudCall, command: Command | undefined): Ended {
  const output = command?.lists ? jsonText([]) : ''
  if (error instanceof Crashed) return { exitCode: 1, output, stderr: `ERROR: ${error.message}\n` }
  if (!(error instanceof Failed) && !(error instanceof ApiError)) throw error
  const { exitCode, before } = error instanceof Failed ? error : { exitCode: 1, before: '' }
  const line = `ERROR: (${dottedName(argv, fakeGcloudCommands)}) ${error.message}\n`
  return { exitCode, output, stderr: before === '' ? line : `${before}\n${line}` }
}

/** Creates what a command works with; time slept by the sandbox's clock counts towards the command's timeout. */
function contextFor(call: GcloudCall, host: FakeGcloudHost, timeout: AbortController): CommandContext {
  const client = `breakglass-fake-gcloud/${host.version}`
  const userAgent = host.mark === undefined ? client : `${client} environment/${markOf(host.mark, call.step)}`
  let waited = 0
  const sleep = async (ms: number): Promise<void> => {
    waited += ms
    if (waited > call.timeoutMs) timeout.abort()
    timeout.signal.throwIfAborted()
    // If the sandbox is gone its clock can't move; the next request fails and reports it.
    await host.sleep(ms).catch(() => {})
  }
  return {
    api: makeApi({ address: host.address, token: host.token, userAgent }, timeout.signal, sleep),
    project() {
      if (call.project === '') throw new Failed(1, 'The required property [project] is not currently set.')
      return call.project
    },
    client,
    stdin: call.stdin,
    sleep,
    random: host.random,
    crc32c: host.crc32c,
  }
}
