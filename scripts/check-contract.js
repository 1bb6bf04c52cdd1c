'use strict';
// binding.d.ts says what the addon exports: neither more nor less, down to the methods of its classes.

const fs = require('node:fs');
const path = require('node:path');

const ts = require('typescript');

const root = path.join(__dirname, '..');

/** @param {ts.ClassDeclaration} declaration @returns {string[]} 'method', or 'static method' */
function methodsOf(declaration) {
  return declaration.members.filter(ts.isMethodDeclaration).map((method) => {
    const isStatic = method.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
    return (isStatic ? 'static ' : '') + method.name.getText();
  });
}

/** @returns {string[]} each value that is declared: 'name', 'Class', 'Class.method', 'Class.static method' */
function declared() {
  const file = path.join(root, 'binding.d.ts');
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement)) return [statement.name.text];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
    if (!ts.isClassDeclaration(statement)) return [];
    const { text } = statement.name;
    return [text, ...methodsOf(statement).map((method) => `${text}.${method}`)];
  });
}

/** @returns {string[]} the same of what is there */
function exported() {
  const native = require(path.join(root, 'lib', 'native.js')).native;
  const builtIn = new Set(['length', 'name', 'prototype', 'constructor', 'arguments', 'caller']);
  return Object.entries(native).flatMap(([name, value]) => {
    if (typeof value !== 'function' || !value.prototype) return [name];
    const own = (/** @type {object} */ object) => Object.getOwnPropertyNames(object).filter((key) => !builtIn.has(key));
    return [
      name,
      ...own(value.prototype).map((method) => `${name}.${method}`),
      ...own(value).map((method) => `${name}.static ${method}`),
    ];
  });
}

const [promised, kept] = [new Set(declared()), new Set(exported())];
const missing = [...promised].filter((name) => !kept.has(name));
const undeclared = [...kept].filter((name) => !promised.has(name));
for (const name of missing) console.error(`binding.d.ts declares ${name}, which the addon does not export`);
for (const name of undeclared) console.error(`the addon exports ${name}, which binding.d.ts does not declare`);
process.exitCode = missing.length + undeclared.length > 0 ? 1 : 0;
