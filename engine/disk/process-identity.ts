import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, platform } from 'node:os'

/**
 * What tells a process from every other one that had or will have its number: the machine's boot, the namespace in
 * which the number counts, and when the process started. Empty where the system doesn't tell.
 */
export type ProcessIdentity = { pid: number; host: string; boot: string; namespace: string; started: string }

/** Whether a process is still there; `elsewhere`: it runs where it can't be looked for from here. */
export type Liveness = 'alive' | 'dead' | 'elsewhere'

/** The identity of a process that runs now, undefined where there is none of that number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = platform() === 'linux' ? startedOnLinux(pid) : startedByPs(pid)
  if (started === undefined) return undefined
  return { pid, host: hostname(), boot: bootId(), namespace: pidNamespace(), started }
}

/** Whether the process of an identity is still there, and not another one with its number. */
export function livenessOf(known: ProcessIdentity): Liveness {
  const boot = bootId()
  const sameBoot = boot !== '' && boot === known.boot
  if (!sameBoot && known.host !== hostname()) return 'elsewhere'
  if (boot !== known.boot) return 'dead'
  if (known.namespace !== pidNamespace() || known.started === '') return 'elsewhere'
  return identify(known.pid)?.started === known.started ? 'alive' : 'dead'
}

/** Field 22 of /proc/PID/stat, in ticks since boot; a zombie has ended. The name in field 2 may hold anything but its last `)`. */
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
