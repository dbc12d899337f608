import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { UserError } from './base/problem.ts'

/** What this needs of the process. */
export type Own = { pid: number; platform: string; execArgv: string[]; nodeOptions: string }

/** Options of Node by which the process writes its memory to a file, or lets others read it. */
const DUMPING =
  /--(?:inspect|debug|heapsnapshot|heap-prof|cpu-prof|diagnostic-dir|report-|abort-on-uncaught|perf-)[a-z-]*/

/** Refuses options of Node by which secrets would come to a file. Throws UserError. */
export function refuseDumping({ execArgv, nodeOptions }: Own): void {
  const found = DUMPING.exec([...execArgv, nodeOptions].join(' '))?.[0]
  if (found === undefined) return
  throw new UserError(
    `Node runs with ${found}, by which secrets in memory could come to a file or to another process; nothing was done`,
    'take it out of NODE_OPTIONS, then run this again; in a sandbox it is allowed',
    1,
  )
}

/** From the folders of the system alone, whatever the PATH. */
const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit']

/**
 * Has the kernel write no core dump of this process and its children; answers why not where that can't be. Where dumps go
 * to a program, Linux ignores a limit of 0 and heeds 1, which it takes for "none".
 */
export function refuseCores({ pid, platform }: Own): string | undefined {
  if (platform !== 'linux') return undefined
  try {
    const limit = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|') ? 1 : 0
    const [, soft, hard] = /^Max core file size\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    if (soft === String(limit) && hard === String(limit)) return undefined
    const prlimit = PRLIMIT.find((path) => existsSync(path))
    if (prlimit === undefined) return 'there is no prlimit (util-linux) to switch core dumps off'
    const { status, stderr, error } = spawnSync(prlimit, [`--core=${limit}:${limit}`, '--pid', String(pid)], {
      encoding: 'utf8',
      env: {},
      timeout: 5000,
    })
    return status === 0 ? undefined : `core dumps could not be switched off: ${error?.message ?? stderr.trim()}`
  } catch (error) {
    return `core dumps could not be switched off: ${(error as Error).message}`
  }
}
