import { findProgram, trustedPath } from '../programs/find-program.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Runs one git command and returns its raw output; undefined if git fails, is missing or takes too long. */
export type Git = (argv: string[], input?: string | Uint8Array) => Promise<Buffer | undefined>

const PATIENCE_MS = 10_000

/**
 * Returns a git that sees nothing of a repository except its objects: `gitFolder` is our own folder with our own
 * configuration, so that git reads neither the repository's nor the person's. It can't start anything that a configuration
 * names: monitors, hooks, filters, helpers, remotes, pagers.
 */
export const gitOver = (
  where: { gitFolder: string; objects: string; workTree: string; cwd: string },
  { PATH }: Variables,
): Git =>
  gitWith(where.cwd, PATH, {
    HOME: where.gitFolder,
    GIT_DIR: where.gitFolder,
    GIT_OBJECT_DIRECTORY: where.objects,
    GIT_WORK_TREE: where.workTree,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  })

/** Reads one of the person's own git settings, with `~` in a path resolved; never one of a checkout. Empty if it isn't set. */
export async function personalGitSetting(name: string, cwd: string, environment: Variables): Promise<string> {
  const { PATH, HOME, XDG_CONFIG_HOME } = environment
  const git = gitWith(cwd, PATH, { HOME, XDG_CONFIG_HOME })
  const found = await git(['config', '--null', '--show-scope', '--type=path', '--get-all', name])
  const [...words] = found?.toString('utf8').split('\0') ?? []
  let setting = ''
  for (let at = 0; at + 1 < words.length; at += 2)
    if (words[at] === 'system' || words[at] === 'global') setting = words[at + 1] ?? ''
  return setting.trim()
}

/** The variables for every git: none of the caller's GIT_* are passed on, and these also apply to anything that git starts. */
const ALWAYS = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  // No protocol has this name, so none is allowed, whatever a configuration says.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'safe.bareRepository',
  GIT_CONFIG_VALUE_0: 'explicit',
  GIT_CONFIG_KEY_1: 'core.fsmonitor',
  GIT_CONFIG_VALUE_1: 'false',
  LC_ALL: 'C',
}

function gitWith(cwd: string, PATH: string | undefined, environment: Variables): Git {
  return async (argv, input) => {
    const path = findProgram('git', PATH)
    if (path === undefined) return undefined
    const { execa } = await import('execa')
    const result = await execa(path, argv, {
      cwd,
      env: { ...environment, ...ALWAYS, PATH: trustedPath(PATH) },
      extendEnv: false,
      reject: false,
      encoding: 'buffer',
      stripFinalNewline: false,
      timeout: PATIENCE_MS,
      forceKillAfterDelay: 1000,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    })
    return result.exitCode === 0 ? Buffer.from(result.stdout) : undefined
  }
}
