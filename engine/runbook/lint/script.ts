import type { ScriptStepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Variables that say where a script's gcloud goes, as whom, or what is run in its place. */
const OWN_VARIABLES =
  /^(PATH|HOME|ENV|BASH_.*|SHELLOPTS|BASHOPTS|IFS|PS4|LD_.*|DYLD_.*|CLOUDSDK_.*|GOOGLE_.*|GH_TOKEN|GITHUB_.*|BREAKGLASS_.*|(https?|all|no)_proxy)$/i

/** The mistakes in a script step: words that choose what is run, variables that are the engine's own, exit codes that stand for two things. */
export function lintScript(path: Path, { script }: ScriptStepTemplate): Finding[] {
  const { run, environment = {}, exitCodes } = script
  const [name = ''] = run
  const { pass = [0], drift } = exitCodes
  const at = [...path, 'script']
  const chosen = name.includes('${{') || name.startsWith('-')
  const hint = 'only its arguments can come from values'
  return [
    ...(chosen ? [{ path: [...at, 'run', 0], message: 'the script is written out', hint }] : []),
    ...Object.keys(environment)
      .filter((variable) => OWN_VARIABLES.test(variable))
      .map((variable) => ({
        path: [...at, 'environment', variable],
        on: 'key' as const,
        message: `\`${variable}\` is the engine's own, so that the script's gcloud goes where the engine's goes`,
        hint: 'leave it out',
      })),
    ...drift.flatMap((code, index) =>
      pass.includes(code)
        ? [{ path: [...at, 'exitCodes', 'drift', index], message: `exit code ${code} stands for pass and for drift` }]
        : [],
    ),
  ]
}
