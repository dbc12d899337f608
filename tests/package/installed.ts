import { execFileSync } from 'node:child_process'
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { atTheEnd } from '../at-the-end.ts'
import { type Ended, finish, root } from '../incident/cli.ts'

/** What `npm pack` says of the tarball. */
export type Packed = { filename: string; size: number; unpackedSize: number; files: { path: string; size: number }[] }

type Manifest = { version: string; dependencies: Record<string, string> }

/** The packed package, installed into an empty folder. */
export type Installed = {
  packed: Packed
  folder: string
  /** The package's own folder. */
  home: string
  /** Runs `npx breakglass …` in the folder, with no gcloud on the PATH. */
  npx(...argv: string[]): Promise<Ended>
  /** Installs the package with an older version of a dependency in it and a range that allows newer ones; answers which one runs. */
  withOlder(dependency: string, version: string): string
  /** Runs the installed launcher in another folder. */
  breakglass(cwd: string, ...argv: string[]): Promise<Ended>
}

/** Packs the tarball and installs it with npm; everything is cleared away when the test file has ended. */
export function installPackage(): Installed {
  const desk = realpathSync(mkdtempSync(join(tmpdir(), 'breakglass-package-')))
  atTheEnd(() => rmSync(desk, { recursive: true, force: true }))
  const [folder, bin] = [join(desk, 'empty'), join(desk, 'bin')]
  for (const each of [folder, bin]) mkdirSync(each)
  for (const program of ['npm', 'npx', 'sh', 'env', 'git']) symlinkSync(find(program), join(bin, program))
  symlinkSync(process.execPath, join(bin, 'node'))
  const npm = (cwd: string, ...argv: string[]) =>
    execFileSync('npm', argv, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
    })
  // Prepack builds, and what it prints comes before the JSON.
  const said = npm(root, 'pack', '--json', '--pack-destination', desk)
  const [packed] = JSON.parse(said.slice(said.search(/^\[/m))) as [Packed]
  // Without --prefix, npm would install into the nearest folder above that has a package.json.
  const install = (into: string, tarball: string) =>
    npm(into, ...['install', '--prefix', '.', '--no-audit', '--no-fund', '--ignore-scripts', tarball])
  install(folder, join(desk, packed.filename))
  const environment = { PATH: bin, HOME: desk, LANG: 'C.UTF-8', npm_config_update_notifier: 'false' }
  const home = join(folder, 'node_modules', 'breakglass')
  return {
    packed,
    folder,
    home,
    withOlder(dependency, version) {
      const [changed, empty] = [join(desk, 'changed'), join(desk, 'empty-changed')]
      for (const each of [changed, empty]) mkdirSync(each)
      execFileSync('tar', ['-xzf', join(desk, packed.filename), '-C', changed])
      const change = (file: string, edit: (manifest: Manifest) => void) => {
        const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
        edit(manifest)
        writeFileSync(file, JSON.stringify(manifest))
      }
      change(join(changed, 'package', 'package.json'), ({ dependencies }) => {
        dependencies[dependency] = `^${version}`
      })
      change(join(changed, 'package', 'node_modules', dependency, 'package.json'), (manifest) => {
        manifest.version = version
      })
      execFileSync('tar', ['-czf', join(desk, 'changed.tgz'), '-C', changed, 'package'])
      install(empty, join(desk, 'changed.tgz'))
      const from = createRequire(join(empty, 'node_modules', 'breakglass', 'package.json'))
      return from(`${dependency}/package.json`).version
    },
    npx: (...argv) => finish([join(bin, 'npx'), 'breakglass', ...argv], folder, environment),
    breakglass: (cwd, ...argv) =>
      finish([process.execPath, join(home, 'engine', 'breakglass.js'), ...argv], cwd, environment),
  }
}

/** A program on the PATH. Throws where there is none. */
function find(program: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return realpathSync(join(folder, program))
    } catch {}
  }
  throw new Error(`There is no ${program} on the PATH: these tests pack and install the package with npm.`)
}
