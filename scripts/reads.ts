/**
 * Prints how many of the installed gcloud's commands read, change something, print a secret or are unknown. With `--write` it
 * also writes engine/gcloud-grammar/known-reads.json: the reading commands, each with its allowed flags.
 */
import { writeFileSync } from 'node:fs'
import { findGcloud } from '../engine/gcloud/find.ts'
import { classifyTree, countsOf, readsTable } from './reads-table.ts'

const installed = findGcloud(process.env.PATH)
if (!installed) throw new Error('there is no gcloud on the PATH')
const commands = classifyTree(installed.root)
const counts = countsOf(commands)
console.log(
  `gcloud ${installed.version}: ${commands.length.toLocaleString('en')} commands: ${counts.read} read, ${counts.change} change, ${counts['print-secret']} print-secret, ${counts.unknown} unknown`,
)
if (process.argv.includes('--write')) {
  const file = new URL('../engine/gcloud-grammar/known-reads.json', import.meta.url)
  const { text, refused } = readsTable(commands, installed.version)
  writeFileSync(file, text)
  console.log(`flags of reading commands that are not allowed: ${refused.join(' ')}`)
}
