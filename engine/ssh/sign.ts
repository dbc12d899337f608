import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NAMESPACE, type Signed, type Statement, statementText } from '../approval/statement.ts'
import { Problem } from '../runbook/problem.ts'
import { runSsh, type SshHost } from './keygen.ts'
import type { OwnKey } from './keys.ts'

/** Signs a statement with a person's own key; ssh-keygen asks for passphrase or touch. Throws Problem. */
export async function signStatement<T extends Statement>(statement: T, key: OwnKey, host: SshHost): Promise<Signed<T>> {
  const folder = await mkdtemp(join(tmpdir(), 'breakglass-key-'))
  try {
    const file = 'file' in key ? key.file : join(folder, 'key.pub')
    if ('line' in key) await writeFile(file, `${key.line}\n`, { mode: 0o600 })
    const argv = ['-q', '-Y', 'sign', '-n', NAMESPACE, '-f', file]
    const { exitCode, stdout, stderr } = await runSsh('ssh-keygen', argv, host, statementText(statement))
    if (exitCode === 0) return { statement, signature: `${stdout.trimEnd()}\n` }
    const why = stderr.trim().split('\n').at(-1) ?? ''
    throw new Problem(
      `the key ${key.name} could not sign${why === '' ? '' : `: ${why}`}`,
      'check the key and its agent (`ssh-add -l`), or name another with --key FILE',
      1,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
