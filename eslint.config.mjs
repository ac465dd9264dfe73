import tseslint from 'typescript-eslint';

/** Bans `async` and `await`: a function that seems to need them has a caller that has not finished observing. */
const SYNCHRONOUS = [
  'error',
  { selector: 'AwaitExpression', message: 'domain is synchronous' },
  { selector: ':function[async=true]', message: 'domain is synchronous' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'randomness is an argument in domain',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', 'test/cluster/lab'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/domain/**'],
    rules: {
      'no-restricted-syntax': SYNCHRONOUS,
      'no-restricted-globals': [
        'error',
        'Date',
        'process',
        'console',
        'setTimeout',
        'setInterval',
        'fetch',
        'Buffer',
      ],
    },
  },
  {
    files: ['src/engine/**', 'src/processes/**'],
    rules: { 'no-restricted-globals': ['error', 'Date', 'console', 'setTimeout', 'setInterval', 'fetch'] },
  },
  {
    files: ['test/**', 'tools/**'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'no-restricted-imports': [
        'error',
        { name: 'nock', message: 'test/doubles/mocked-http.ts restores it' },
      ],
    },
  },
  { files: ['test/doubles/mocked-http.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
