import tseslint from 'typescript-eslint';
import tsdoc from 'eslint-plugin-tsdoc';

const impure = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'only config.ts reads the environment',
  },
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'take a Clock' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'take a Clock' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'take randomness by parameter',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '**/*.mjs', '.sealflow*/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tsdoc },
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'tsdoc/syntax': 'error',
      'no-restricted-syntax': ['error', ...impure],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/ban-ts-comment': ['error', { minimumDescriptionLength: 10 }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['apps/*/src/config.ts', 'apps/*/src/main.ts', 'libs/adapters/src/**', 'libs/core/src/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', impure[0]] },
  },
  { files: ['apps/*/src/config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
