import { execa } from 'execa'
import { UserError } from '../base/problem.ts'
import { findProgram, trustedPath } from '../programs/find-program.ts'

/** What ssh-keygen and its like need from outside: where they run, the person's own variables (agent, home), and where a hardware key's wish to be touched is told. */
export type SshHost = {
  cwd: string
  environment: Readonly<Record<string, string | undefined>>
  tell(text: string): void
  /** Leaves them the terminal while they may ask there, where there is one. */
  lend?<T>(work: () => Promise<T>): Promise<T>
  /** How long they may take where nobody is to be asked: they find no terminal then. */
  patienceMs?: number
}

/** How a program ended and what it printed; `trouble` says why it did not end by itself. */
export type SshResult = { exitCode: number; stdout: string; stderr: string; trouble?: 'not installed' | 'timed out' }

/** Time for a hand to reach a hardware key. */
const PATIENCE_MS = 30_000

/**
 * The same host where nobody is to be asked: a passphrase prompt between two questions of a run would be worse than no
 * signature. Of the variables only those are left that lead to keys and settings, and none that opens a window.
 */
export const unattended = ({ cwd, environment, tell }: SshHost): SshHost => {
  const { PATH = '', HOME = '', SSH_AUTH_SOCK, XDG_CONFIG_HOME } = environment
  return { cwd, environment: { PATH, HOME, SSH_AUTH_SOCK, XDG_CONFIG_HOME }, tell, patienceMs: PATIENCE_MS }
}

/** Runs ssh-keygen or ssh-add to its end; argv as it is, no shell. */
export async function runSsh(
  program: 'ssh-keygen' | 'ssh-add',
  argv: string[],
  { cwd, environment, tell, patienceMs }: SshHost,
  input = '',
): Promise<SshResult> {
  const path = findProgram(program, environment.PATH)
  if (path === undefined) return { exitCode: -1, stdout: '', stderr: '', trouble: 'not installed' }
  const child = execa(path, argv, {
    cwd,
    // The reasons are read from its messages, so they must be in one language; the times that it is given are UTC.
    env: { ...environment, PATH: trustedPath(environment.PATH), LC_ALL: 'C', TZ: 'UTC' },
    extendEnv: false,
    reject: false,
    input,
    // In a session of its own it finds no terminal to ask at.
    ...(patienceMs === undefined ? {} : { detached: true, timeout: patienceMs }),
  })
  child.stderr?.on('data', (piece: Buffer) => {
    const text = piece.toString('utf8').trimEnd()
    if (/user presence/i.test(text)) tell(text)
  })
  const { exitCode, stdout, stderr, code, timedOut } = await child
  const trouble = code === 'ENOENT' ? 'not installed' : timedOut ? 'timed out' : undefined
  return { exitCode: exitCode ?? -1, stdout: stdout ?? '', stderr: stderr ?? '', ...(trouble ? { trouble } : {}) }
}

/** Runs ssh-keygen, which must be there. Throws UserError. */
export async function runKeygen(argv: string[], host: SshHost, input: string): Promise<SshResult> {
  const result = await runSsh('ssh-keygen', argv, host, input)
  if (result.trouble !== 'not installed') return result
  throw new UserError(
    "ssh-keygen is not installed, and signatures can't be made or checked without it",
    'install OpenSSH 8.7 or newer',
    1,
  )
}

/** Whether signatures can be checked on this machine. */
export const canCheckSignatures = async (host: SshHost): Promise<boolean> =>
  (await runSsh('ssh-keygen', ['-Y', 'check-novalidate'], host)).trouble !== 'not installed'
