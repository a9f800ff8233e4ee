#!/usr/bin/env node
/**
 * A folder with a plugin in JavaScript or TypeScript becomes a component: `node build.mjs DIR [--output FILE]`, which `sluicebox plugin build` runs.
 *
 * esbuild makes one module of the author's, their packages and the SDK; componentize-qjs puts it, run once, into a QuickJS that is a component. Where each line of the bundle came from goes with it, so that errors name
 * the author's own lines.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
// The folder of the tools, where they are not among the packages of the SDK itself.
const require = createRequire(join(process.env.SLUICEBOX_NODE_MODULES ?? here, 'package.json'));
const PACKAGE = 'package sluicebox:operator@0.1.0;';
const ENTRIES = ['src/index.ts', 'src/index.js', 'index.ts', 'index.js'];

class Refused extends Error {}

function tool(name) {
  try {
    return require(name);
  } catch (error) {
    throw new Refused(`${name} is not installed: npm install in ${here} (${error.code ?? error.message})`);
  }
}

/** What the author's package.json says. */
function project(folder) {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Refused(`${folder} has no package.json: name the folder of a plugin in JavaScript or TypeScript`);
  let text;
  try {
    text = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Refused(`${file}: ${error.message}`);
  }
  if (typeof text.name !== 'string') throw new Refused(`${file} has no name`);
  const name = text.name.replace(/^@[^/]*\//, '');
  const entry = text.sluicebox?.module ?? ENTRIES.find((entry) => existsSync(join(folder, entry)));
  if (entry === undefined)
    throw new Refused(`${folder} has none of ${ENTRIES.join(', ')}; name the module in package.json: "sluicebox": { "module": "..." }`);
  return { name, entry: resolve(folder, entry) };
}

const SDK = {
  name: 'sluicebox',
  setup(build) {
    build.onResolve({ filter: /^sluicebox(\/.*)?$/ }, ({ path }) => ({
      path: join(here, 'src', path === 'sluicebox' ? 'index.ts' : `${path.slice('sluicebox/'.length)}.ts`),
    }));
    build.onResolve({ filter: /^(sluicebox|wasi):/ }, ({ path }) => ({ path, external: true }));
  },
};

async function bundle(contents, folder, outfile, more = {}) {
  const { build } = tool('esbuild');
  try {
    await build({
      stdin: { contents, resolveDir: folder, sourcefile: 'sluicebox-app.js' },
      absWorkingDir: folder, outfile, bundle: true, format: 'esm', platform: 'neutral', mainFields: ['module', 'main'], target: 'es2023', plugins: [SDK], logLevel: 'error', ...more,
    }); // prettier-ignore
  } catch {
    throw new Refused('the module could not be bundled; the messages are above');
  }
}

/** The interfaces that the module has operators for: it is run here once. */
async function interfacesOf(entry, folder, work) {
  const file = join(work, 'offered.mjs');
  const contents = `export * as plugin from ${JSON.stringify(entry)};\nexport { operatorsOf } from 'sluicebox/guest';\n`;
  await bundle(contents, folder, file, { sourcemap: 'inline' });
  process.setSourceMapsEnabled(true);
  let offered;
  try {
    const { plugin, operatorsOf } = await import(pathToFileURL(file).href);
    offered = operatorsOf(plugin);
  } catch (error) {
    console.error(error);
    throw new Refused('the module could not be run; what it threw is above');
  }
  if (offered.length === 0) throw new Refused(`${relative(folder, entry)} exports no operator: export what \`map\`, \`flatMap\` and the like return`);
  return [...new Set(offered.map((operator) => operator.interface))];
}

/** The module that the componentizer runs. */
function app(entry, interfaces, lines) {
  const exported = interfaces.map((name) => `export const ${name} = made.${name};\n`).join('');
  return `import * as plugin from ${JSON.stringify(entry)};
import { exportsOf } from 'sluicebox/guest';
import { setHost } from 'sluicebox/host';
import * as logging from 'sluicebox:operator/logging@0.1.0';
import * as counters from 'sluicebox:operator/counters@0.1.0';
import * as tables from 'sluicebox:operator/tables@0.1.0';
import * as broadcasts from 'sluicebox:operator/broadcasts@0.1.0';
import * as preopens from 'wasi:filesystem/preopens@0.2.12';
import * as random from 'wasi:random/random@0.2.12';
setHost({
  log: (level, message) => logging.log(level, message),
  add: (name, count) => counters.add(name, count),
  tableColumns: (name) => tables.columns(name),
  tableRows: (name, wanted, start, maxRows) => tables.read(name, wanted, start, maxRows),
  broadcastSize: (name) => broadcasts.size(name),
  broadcastBytes: (name, start, maxBytes) => broadcasts.read(name, start, maxBytes),
  directories: () => preopens.getDirectories(),
  randomBytes: (n) => random.getRandomBytes(n),
});
const made = exportsOf(plugin, ${lines});
${exported}`;
}

const LINES = '__sluicebox_lines__';
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of a segment of a source map. */
function numbers(segment) {
  const found = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    found.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return found;
}

/** Of each line of the bundle, the author's file and line: none for lines of the SDK. */
function linesOf(map, folder, work) {
  const sources = map.sources.map((source) => resolve(work, source));
  const isOwn = sources.map((source) => !source.startsWith(join(here, 'src')) && !source.endsWith('sluicebox-app.js'));
  let [source, line] = [0, 0];
  return map.mappings.split(';').map((text) => {
    let first = null;
    for (const segment of text.split(',').filter(Boolean)) {
      const [, inSource, inLine] = numbers(segment);
      if (inSource === undefined) continue;
      source += inSource;
      line += inLine;
      first ??= isOwn[source] ? [relative(folder, sources[source]), line + 1] : null;
    }
    return first;
  });
}

async function build(folder, output, outputFolder = folder) {
  const { name, entry } = project(folder);
  output ??= join(outputFolder, `${name}.wasm`);
  const work = mkdtempSync(join(tmpdir(), 'sluicebox-'));
  try {
    const interfaces = await interfacesOf(entry, folder, work);
    const file = join(work, 'app.js');
    await bundle(app(entry, interfaces, `globalThis.${LINES}`), folder, file, { sourcemap: 'external', sourcesContent: false });
    const lines = linesOf(JSON.parse(readFileSync(`${file}.map`, 'utf8')), folder, work);
    // On the one line that there is, so that the others keep their numbers.
    const text = readFileSync(file, 'utf8').replace(`globalThis.${LINES}`, () => JSON.stringify(lines));
    const wit = join(work, 'wit');
    cpSync(join(here, 'wit'), wit, { recursive: true, dereference: true });
    const includes = [...interfaces.map((world) => `${world}-plugin`), 'reference-data'].map((world) => `  include ${world};\n`).join('');
    for (const file of ['clocks.wit', 'filesystem.wit', 'io.wit', 'random.wit']) cpSync(join(here, 'wasi', file), join(wit, 'deps', file));
    writeFileSync(
      join(wit, 'plugin.wit'),
      `${PACKAGE}\nworld plugin {\n${includes}  import wasi:filesystem/preopens@0.2.12;\n  import wasi:random/random@0.2.12;\n}\n`,
    );
    const { componentize } = tool('componentize-qjs');
    const made = await componentize({ witPath: wit, jsSource: text, world: 'plugin', sync: true });
    mkdirSync(dirname(output), { recursive: true });
    // Beside it first, so that whoever watches the file never sees a part of it.
    writeFileSync(`${output}.part`, made.component);
    renameSync(`${output}.part`, output);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return output;
}

async function main() {
  const options = { output: { type: 'string' }, 'output-folder': { type: 'string' } };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  if (positionals.length !== 1) throw new Refused('usage: build.mjs DIR [--output FILE]');
  const [output, outputFolder] = [values.output, values['output-folder']].map((path) => path && resolve(path));
  const made = await build(resolve(positionals[0]), output, outputFolder);
  if (outputFolder === undefined) console.log(`${made} (${statSync(made).size} bytes)`);
}

main().catch((error) => {
  console.error(`error: ${error instanceof Refused ? error.message : error.stack}`);
  process.exitCode = 1;
});
