import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { metadataServerAt, NOBODY } from '../programs/metadata-server.ts'
import { childEnvironment } from './environment.ts'
import type { Installed } from './find.ts'

/** Why gcloud's argument parser would refuse a command line; undefined if it wouldn't. */
export type Refusal = string | undefined

/** Longer than the parser takes on any machine. */
const TIMEOUT_MS = 5 * 60_000

/**
 * Checks command lines with gcloud's own argument parser, all at once, offline, and without running them. gcloud calls
 * the command it uses unstable; if its answer can't be read, this throws an Error.
 */
export async function askParser(
  lines: string[][],
  { path }: Pick<Installed, 'path'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Refusal[]> {
  const texts = lines.map((argv) => ['gcloud', ...argv].map(quote).join(' '))
  const asked = [...new Set(texts)]
  const scratch = await mkdtemp(join(tmpdir(), 'breakglass-validate-'))
  try {
    const file = join(scratch, 'commands.json')
    await writeFile(file, JSON.stringify(asked.map((text) => ({ command_string: text }))))
    const argv = ['meta', 'lint-gcloud-commands', `--commands-file=${file}`, '--serialize']
    const env = childEnvironment(environment, {
      CLOUDSDK_CONFIG: join(scratch, 'config'),
      ...metadataServerAt(NOBODY),
    })
    const { stdout } = await execa(path, argv, { env, extendEnv: false, stdin: 'ignore', timeout: TIMEOUT_MS })
    const answers = JSON.parse(stdout) as Record<string, Answer[]>
    return texts.map((text) => refusalIn(answers[String(asked.indexOf(text))]))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

type Answer = { success: boolean; error_message: string | null }

function refusalIn(answers: Answer[] | undefined): Refusal {
  if (!answers?.[0]) throw new Error('gcloud did not check one of the command lines')
  const { success, error_message: message } = answers[0]
  return success ? undefined : (message ?? 'no reason given').split('\n', 1)[0]?.trim()
}

/** Quotes an argument for the parser's own splitting, which would cut the line at a `#`; the grammar doesn't depend on `#`. */
const quote = (argument: string): string => {
  const text = argument.replaceAll('#', '_')
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}
