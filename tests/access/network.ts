import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Addresses, Done, Order } from './company.ts'

/** A company's network, from outside. */
export type Network = { addresses: Addresses; run(order: Order): Promise<Done>; close(): void }

const program = fileURLToPath(new URL('company.ts', import.meta.url))

/** Says why no network of its own can be made here; undefined where it can. */
export function whyNoNetwork(): string | undefined {
  try {
    execFileSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'pipe' })
    execFileSync('openssl', ['version'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no network namespace can be made: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`
  }
}

/** Starts it in a network namespace that has nothing but loopback; its certificates lie in the folder. */
export async function startNetwork(folder: string, scenario: string): Promise<Network> {
  const child = spawn(
    'unshare',
    ['-rn', 'sh', '-ec', 'ip link set lo up; exec "$@"', 'sh', process.execPath, program, folder, scenario],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '', HOME: join(folder, 'home') } },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the network has ended')
    return JSON.parse(value) as T
  }
  const addresses = await next<Addresses>()
  let last: Promise<unknown> = Promise.resolve()
  return {
    addresses,
    run(order) {
      const done = last.then(async () => {
        child.stdin.write(`${JSON.stringify(order)}\n`)
        return next<Done>()
      })
      last = done.catch(() => {})
      return done
    },
    close: () => {
      child.stdin.end()
      child.kill()
      return once(child, 'exit')
    },
  }
}
