import { Agent, request } from 'node:http'
import { isJsonObject, type Json } from '../../base/json.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import type { GithubAnswer, HttpAnswer } from '../../steps/world.ts'
import { sandboxHeader } from '../not-simulated.ts'

/** What a running sandbox reports about itself. */
export type SandboxInfo = {
  name: string
  scenario: string
  inventory?: string
  /** The faults drawn from a seed, one line each, for people. */
  drawn?: string[]
  token: string
  /** The account that the token belongs to, as audit logs name it. */
  account: string
  now: string
}

/** Asks the sandbox at an address what it is. Throws UserError if there is none, or if the address is not on this machine. */
export async function connectSandbox(address: string): Promise<SandboxInfo> {
  const url = URL.parse(address)
  if (url?.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw new UserError(
      `${JSON.stringify(address)} is not a sandbox address`,
      'use the http://127.0.0.1:PORT address that `breakglass sandbox SCENARIO` prints',
    )
  try {
    const { status, body } = await send(address, 'GET', '/sandbox')
    const info = status === 200 ? readInfo(jsonOf(body)) : undefined
    if (info) return info
  } catch {}
  throw new UserError(
    `no sandbox answers at ${address}`,
    'start one with `breakglass sandbox SCENARIO`, or unset BREAKGLASS_SANDBOX',
  )
}

/** The longest answer that is read: 64 MiB. */
const LONGEST_ANSWER = 64 * 1024 * 1024

/**
 * Reads what a server at the address reports. Anyone on this machine may listen there: an invalid name, token, account or
 * time means that it is not a sandbox, and its lines for people are made safe to print.
 */
function readInfo(answer: Json): SandboxInfo | undefined {
  if (!isJsonObject(answer)) return undefined
  const { name, scenario, inventory, drawn = [], token, account, now } = answer
  const isText = (value: Json | undefined): value is string =>
    typeof value === 'string' && value !== '' && value.length <= 4096 && printable(value) === value
  if (!isText(name) || !isText(scenario) || !isText(account) || !isText(now)) return undefined
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(scenario) || Number.isNaN(Date.parse(now))) return undefined
  if (!isText(token) || !/^[\w.~+/=-]+$/.test(token)) return undefined
  if (inventory !== undefined && !isText(inventory)) return undefined
  if (!Array.isArray(drawn) || drawn.length > 1000 || !drawn.every((line) => typeof line === 'string')) return undefined
  return {
    ...{ name, scenario, token, account, now },
    ...(inventory === undefined ? {} : { inventory }),
    ...(drawn.length === 0 ? {} : { drawn: drawn.map((line) => printable(line)) }),
  }
}

/** Advances the sandbox's clock to a time instead of waiting; returns the sandbox's time afterwards. */
export async function moveClockTo(address: string, due: Date): Promise<Date> {
  const { body } = await send(address, 'POST', '/sandbox/clock', JSON.stringify({ advanceTo: due.toISOString() }))
  return new Date((JSON.parse(body) as { now: string }).now)
}

/** Requests a URL through the sandbox's proxy, the only route allowed; even https is sent unencrypted there. */
export async function askThroughSandbox(address: string, url: string, timeoutMs: number): Promise<HttpAnswer> {
  if (!/^https?:\/\//i.test(url)) return { failed: 'not an http or https URL', cause: 'other' }
  try {
    const { status, bySandbox } = await send(address, 'GET', url, undefined, timeoutMs)
    return bySandbox === undefined ? { status } : { failed: bySandbox, cause: 'other' }
  } catch (error) {
    return { failed: (error as Error).message, cause: 'network' }
  }
}

/** GETs a path of the sandbox's GitHub with the sandbox's own token. */
export async function askSandboxGithub(
  address: string,
  token: string,
  path: string,
  timeoutMs: number,
): Promise<GithubAnswer> {
  try {
    const headers = { authorization: `Bearer ${token}` }
    const url = `http://github.sandbox${path}`
    const { status, body, bySandbox } = await send(address, 'GET', url, undefined, timeoutMs, headers)
    return bySandbox === undefined ? { status, json: jsonOf(body) } : { failed: bySandbox, cause: 'other' }
  } catch (error) {
    return { failed: (error as Error).message, cause: 'network' }
  }
}

/** POSTs JSON to one of the sandbox's APIs with its own token. */
export async function askSandboxApi(address: string, token: string, url: string, body: Json): Promise<GithubAnswer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  try {
    const { status, body: answer } = await send(address, 'POST', url, JSON.stringify(body), undefined, headers)
    return { status, json: jsonOf(answer) }
  } catch (error) {
    return { failed: (error as Error).message, cause: 'network' }
  }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

/** Ignores NODE_USE_ENV_PROXY, which would send Node's default agent to the caller's proxy. */
const agent = new Agent()

function send(
  address: string,
  method: string,
  path: string,
  body?: string,
  timeoutMs = 10_000,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; bySandbox?: string }> {
  const { hostname, port } = new URL(address)
  const host = URL.parse(path)?.host ?? `${hostname}:${port}`
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path, headers: { ...headers, host }, agent, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        const pieces: Buffer[] = []
        let length = 0
        response.on('data', (piece: Buffer) => {
          length += piece.length
          if (length > LONGEST_ANSWER) outgoing.destroy(new Error('the response exceeds 64 MiB'))
          else pieces.push(piece)
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(pieces).toString('utf8'),
            ...(response.headers[sandboxHeader] !== undefined && {
              bySandbox: String(response.headers[sandboxHeader]),
            }),
          }),
        )
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
