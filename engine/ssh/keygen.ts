import { execa } from 'execa'
import { UserError } from '../base/problem.ts'
import { findProgram, trustedPath } from '../programs/find-program.ts'

/** What ssh-keygen and ssh-add need: their folder, the person's environment (agent, home), and where a hardware key's request for a touch is printed. */
export type SshHost = {
  cwd: string
  environment: Readonly<Record<string, string | undefined>>
  tell(text: string): void
  /** Lends them the terminal while they may prompt there, if there is one. */
  lend?<T>(work: () => Promise<T>): Promise<T>
  /** How long they may take if nobody can be asked; they get no terminal then. */
  patienceMs?: number
}

/** How a program ended and what it printed; `trouble` says why it did not end by itself. */
export type SshResult = { exitCode: number; stdout: string; stderr: string; trouble?: 'not installed' | 'timed out' }

/** Enough time to touch a hardware key. */
const PATIENCE_MS = 30_000

/**
 * Returns the same host for when nobody can be asked: a passphrase prompt in the middle of a run would be worse than no
 * signature. It passes on only variables that lead to keys and settings, and none that opens a window.
 */
export const unattended = ({ cwd, environment, tell }: SshHost): SshHost => {
  const { PATH = '', HOME = '', SSH_AUTH_SOCK, XDG_CONFIG_HOME } = environment
  return { cwd, environment: { PATH, HOME, SSH_AUTH_SOCK, XDG_CONFIG_HOME }, tell, patienceMs: PATIENCE_MS }
}

/** Runs ssh-keygen or ssh-add to its end, without a shell. */
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
    // Reasons are parsed from its messages, so they must be in one language; the times passed to it are UTC.
    env: { ...environment, PATH: trustedPath(environment.PATH), LC_ALL: 'C', TZ: 'UTC' },
    extendEnv: false,
    reject: false,
    input,
    // In its own session it finds no terminal to prompt at.
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

/** Runs ssh-keygen, which must be installed. Throws UserError. */
export async function runKeygen(argv: string[], host: SshHost, input: string): Promise<SshResult> {
  const result = await runSsh('ssh-keygen', argv, host, input)
  if (result.trouble !== 'not installed') return result
  throw new UserError('ssh-keygen is not installed, but signatures need it', 'install OpenSSH 8.7 or newer', 1)
}

/** Returns whether signatures can be checked on this machine. */
export const canCheckSignatures = async (host: SshHost): Promise<boolean> =>
  (await runSsh('ssh-keygen', ['-Y', 'check-novalidate'], host)).trouble !== 'not installed'
