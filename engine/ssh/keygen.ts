import { execa } from 'execa'
import { Problem } from '../runbook/problem.ts'

/** What ssh-keygen and its like need from outside: the person's own variables (agent, home), and where a hardware key's wish to be touched is told. */
export type SshHost = {
  environment: Readonly<Record<string, string | undefined>>
  tell(text: string): void
}

/** How a program ended and what it printed. */
export type SshResult = { exitCode: number; stdout: string; stderr: string }

/** Runs ssh-keygen, ssh-add or git to its end; argv as it is, no shell. Throws Problem where it can't be started. */
export async function runSsh(
  program: 'ssh-keygen' | 'ssh-add' | 'git',
  argv: string[],
  host: SshHost,
  input = '',
): Promise<SshResult> {
  // The reasons are read from its messages, so they must be in one language.
  const child = execa(program, argv, {
    env: { ...host.environment, LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    input,
  })
  child.stderr?.on('data', (piece: Buffer) => {
    const text = piece.toString('utf8').trimEnd()
    if (/user presence/i.test(text)) host.tell(text)
  })
  const { exitCode, stdout, stderr, code } = await child
  if (exitCode === undefined && code === 'ENOENT')
    throw new Problem(
      `${program} is not installed, and signatures can't be made or checked without it`,
      'install OpenSSH 8.7 or newer',
      1,
    )
  return { exitCode: exitCode ?? -1, stdout, stderr }
}
