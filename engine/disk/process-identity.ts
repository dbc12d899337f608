import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, platform } from 'node:os'

/**
 * What distinguishes a process from every other one with the same number: the machine's boot, the namespace of the number, and
 * when the process started. Fields are empty if the system doesn't provide them.
 */
export type ProcessIdentity = { pid: number; host: string; boot: string; namespace: string; started: string }

/** Whether a process exists; `elsewhere` if it runs where this process can't check. */
export type Liveness = 'alive' | 'dead' | 'elsewhere'

/** Returns the identity of a running process; undefined if no process has that number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = platform() === 'linux' ? startedOnLinux(pid) : startedByPs(pid)
  if (started === undefined) return undefined
  return { pid, host: hostname(), boot: bootId(), namespace: pidNamespace(), started }
}

/** Returns whether the process of an identity still exists, as opposed to another one with its number. */
export function livenessOf(known: ProcessIdentity): Liveness {
  const boot = bootId()
  const sameBoot = boot !== '' && boot === known.boot
  if (!sameBoot && known.host !== hostname()) return 'elsewhere'
  if (boot !== known.boot) return 'dead'
  if (known.namespace !== pidNamespace() || known.started === '') return 'elsewhere'
  return identify(known.pid)?.started === known.started ? 'alive' : 'dead'
}

/** Reads field 22 of /proc/PID/stat, in ticks since boot; a zombie has ended. The name in field 2 may contain anything after its last `)`. */
function startedOnLinux(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === undefined || /^[ZXx]?$/.test(state) ? undefined : rest[18]
}

function startedByPs(pid: number): string | undefined {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  try {
    const printed = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, encoding: 'utf8' }).trim()
    const [state = 'Z', ...started] = printed.split(/\s+/)
    return state.startsWith('Z') ? undefined : started.join(' ')
  } catch {
    return undefined
  }
}

const bootId = (): string => read('/proc/sys/kernel/random/boot_id').trim()

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
