import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/** A file to create: its path in the workspace, and its text. */
export type NewFile = { path: string; text: string }

/** The lines of an ignore file that keep a team's logs out of its repository. */
export const LOGS_IGNORED = ['logs/*', '!logs/README.md']

/** The runbook and the scenario of a new workspace, by name. */
export const FIRST = { runbook: 'public-service', scenario: 'first-rehearsal' }

/** The path of a new workspace's inventory. */
export const STARTER_INVENTORY = 'runbooks/inventory.yaml'

const YAML = [STARTER_INVENTORY, `runbooks/${FIRST.runbook}.yaml`, `runbooks/scenarios/${FIRST.scenario}.yaml`]

/** Returns the files of a new workspace in a folder, made from the package's own; editors find the schemas from there. */
export async function starterFiles(root: string, packageFolder: string): Promise<NewFile[]> {
  const { folder, copies } = await schemasFor(root, packageFolder, SCHEMAS)
  const copied = await Promise.all(
    YAML.map(async (path) => {
      const text = await readFile(join(packageFolder, 'engine', 'starter', path), 'utf8')
      return { path, text: pointAt(folder, path, text) }
    }),
  )
  return [
    ...copied,
    { path: 'logs/README.md', text: await readFile(join(packageFolder, 'logs', 'README.md'), 'utf8') },
    { path: '.gitignore', text: `node_modules/\n${LOGS_IGNORED.join('\n')}\n` },
    { path: '.vscode/settings.json', text: `${JSON.stringify(editorSettings(folder), null, 2)}\n` },
    ...copies,
  ]
}

/** The schemas that editors check a workspace's files against. */
const SCHEMAS = ['inventory', 'runbook', 'scenario']

/**
 * Returns the folder of the schemas, relative to the workspace so that files that name it can be committed: the installed
 * package's if it is here or in a parent, otherwise copies in the workspace.
 */
async function schemasFor(
  root: string,
  packageFolder: string,
  names: string[],
): Promise<{ folder: string; copies: NewFile[] }> {
  for (let folder = root; ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules', 'breakglass', 'schemas')
    if (existsSync(installed)) return { folder: relative(root, installed), copies: [] }
    if (dirname(folder) === folder) break
  }
  const copies = names.map(async (name) => {
    const path = `schemas/${name}.schema.json`
    return { path, text: await readFile(join(packageFolder, path), 'utf8') }
  })
  return { folder: 'schemas', copies: await Promise.all(copies) }
}

/** Returns the schema path for the first line of a file in a workspace, and the copy that must exist. */
export async function schemaFor(
  root: string,
  packageFolder: string,
  path: string,
  name: string,
): Promise<{ schema: string; copies: NewFile[] }> {
  const { folder, copies } = await schemasFor(root, packageFolder, [name])
  return { schema: `${relative(dirname(path), folder)}/${name}.schema.json`, copies }
}

/** Returns the text with its first line, which names its schema for editors, pointing to the schemas' folder. */
const pointAt = (schemas: string, path: string, text: string): string =>
  text.replace(/(?<=^# yaml-language-server: \$schema=)\S*\/schemas/, () => relative(dirname(path), schemas))

const editorSettings = (schemas: string) => {
  const folder = /^[./]/.test(schemas) ? schemas : `./${schemas}`
  const of = (name: string) => `${folder}/${name}.schema.json`
  return {
    'yaml.schemas': {
      [of('inventory')]: [STARTER_INVENTORY],
      [of('runbook')]: ['runbooks/*.yaml', `!${STARTER_INVENTORY}`, '!runbooks/scenarios/*.yaml'],
      [of('scenario')]: ['runbooks/scenarios/*.yaml'],
    },
  }
}
