import type { ScriptStepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Variables that choose the cloud, the account or the programs that a script uses. */
const OWN_VARIABLES =
  /^(PATH|HOME|ENV|BASH_.*|SHELLOPTS|BASHOPTS|IFS|PS4|LD_.*|DYLD_.*|CLOUDSDK_.*|GOOGLE_.*|GH_TOKEN|GITHUB_.*|BREAKGLASS_.*|(https?|all|no)_proxy)$/i

/** Returns the mistakes in a script step: a script path that is not literal, reserved variables and ambiguous exit codes. */
export function lintScript(path: Path, { script }: ScriptStepTemplate): Finding[] {
  const { run, environment = {}, exitCodes } = script
  const [name = ''] = run
  const { pass = [0], drift } = exitCodes
  const at = [...path, 'script']
  const chosen = name.includes('${{') || name.startsWith('-')
  const hint = 'only its arguments can be expressions or flags'
  return [
    ...(chosen ? [{ path: [...at, 'run', 0], message: 'the script must be a literal path', hint }] : []),
    ...Object.keys(environment)
      .filter((variable) => OWN_VARIABLES.test(variable))
      .map((variable) => ({
        path: [...at, 'environment', variable],
        on: 'key' as const,
        message: `\`${variable}\` is reserved: Breakglass controls which cloud and account a script uses`,
        hint: 'remove it',
      })),
    ...drift.flatMap((code, index) =>
      pass.includes(code)
        ? [
            {
              path: [...at, 'exitCodes', 'drift', index],
              message: `exit code ${code} is in both \`pass\` and \`drift\``,
            },
          ]
        : [],
    ),
  ]
}
