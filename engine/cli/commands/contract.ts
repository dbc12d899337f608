import { isAbsolute, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { toMarkdown } from 'mdast-util-to-markdown'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { liesIn, readWhole, writeWhole } from '../../disk/whole-file.ts'
import { runbookFiles, shownPath } from '../../disk/workspace.ts'
import { contractTree } from '../../report/contract/contract.ts'
import { type StaleLine, staleLines, withGenerated } from '../../report/contract/generated-part.ts'
import { promotionGatesTree } from '../../report/contract/promotion-gates.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { loadInventory, loadRunbooks } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

type ContractOptions = CommonOptions & { check?: boolean; repo?: string }

/** `breakglass contract`: writes the parity contract and the promotion gates; with `--check`, only reports stale lines and exits 3. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .option('--check', 'Write nothing, and exit 3 if a document is out of date')
    .option('--repo <dir>', "Checkout that holds the documents (default: the workspace's folder)")
    .action(async (options: ContractOptions) => exit(await contract(options, runtime)))
}

/** One of the two documents: its file, its current text, and the text that the inventory requires. */
type Document = { file: string; shown: string; has: string | undefined; mustBe: string }

async function contract(options: ContractOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  const documents = await documentsFor(options, runtime)
  const stale = documents.map(({ shown, has, mustBe }) => ({
    file: shown,
    missing: has === undefined,
    lines: staleLines(has ?? '', mustBe),
  }))
  const behind = stale.filter(({ lines }) => lines.length > 0)
  if (options.check) {
    const paint = painter(runtime.terminal.colour)
    for (const { file, missing, lines } of behind)
      for (const text of missing ? [`${file}: missing`] : lines.map((line) => describeLine(file, line)))
        print(paint('warn', printable(text)))
    print(
      behind.length === 0
        ? 'The contract and the gates match the inventory.'
        : 'Next: run `breakglass contract` and commit the result.',
    )
  } else
    for (const { file, shown, has, mustBe } of documents) {
      if (has !== mustBe) await writeWhole(file, shown, mustBe)
      print(`${has === mustBe ? 'unchanged' : 'written  '} ${printable(shown)}`)
    }
  const exitCode = options.check && behind.length > 0 ? EXIT.drift : EXIT.done
  if (options.json) emit({ exitCode, files: stale }, runtime)
  return exitCode
}

const describeLine = (file: string, { line, has, mustBe }: StaleLine): string =>
  `${file}:${line}: ${has === undefined ? 'lacks' : `has ${JSON.stringify(has)}`}${has !== undefined && mustBe !== undefined ? ', must be' : ''}${mustBe === undefined ? ', which is not in the inventory' : ` ${JSON.stringify(mustBe)}`}`

/** Returns the documents, at the paths that the inventory names under `repository.files`. */
async function documentsFor(options: ContractOptions, runtime: Runtime): Promise<Document[]> {
  const workspace = workspaceFor(options, runtime)
  const { value: inventory } = await loadInventory(options.inventory, undefined, workspace, runtime.cwd)
  const runbooks = await loadRunbooks(await runbookFiles(workspace), workspace, runtime.cwd)
  const root = options.repo === undefined ? workspace.root : resolve(runtime.cwd, options.repo)
  const { parityContract = 'docs/PARITY_CONTRACT.md', promotionGates = 'docs/stage-promotion-gates.md' } =
    inventory.repository.files
  const trees = [
    { path: parityContract, tree: contractTree(inventory) },
    {
      path: promotionGates,
      tree: promotionGatesTree(
        inventory,
        runbooks.map(({ value }) => value),
      ),
    },
  ]
  return Promise.all(
    trees.map(async ({ path, tree }) => {
      const file = resolve(root, path)
      if (isAbsolute(path) || relative(root, file).startsWith('..') || !(await liesIn(root, file)))
        throw new UserError(
          `${path} leads out of the repository`,
          'name a path inside it under `repository.files` in the inventory; links must not lead out either',
        )
      const shown = shownPath(file, runtime.cwd)
      const has = await readWhole(file, shown)
      const mustBe = withGenerated(has, toMarkdown(tree, { bullet: '-', listItemIndent: 'one' }))
      if (mustBe === undefined)
        throw new UserError(
          `${shown} was written by somebody, and has no markers for the generated part`,
          'move it away, run `breakglass contract`, and put your own text around the marked part',
        )
      return { file, shown, has, mustBe }
    }),
  )
}
