import path from 'node:path';

/** A file of tests that failed, and what each failed test said first. */
export interface FailedFile {
  /** Relative to the repository. */
  readonly file: string;
  readonly messages: readonly string[];
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** The failed files of a report as vitest's reporter `json` writes it. */
export function failedFiles(report: string, repository: string): readonly FailedFile[] {
  const { testResults } = JSON.parse(report) as Report;
  return testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name, message, assertionResults }) => ({
      file: path.relative(repository, name),
      messages: [
        ...(message ? [firstLine(message)] : []),
        ...assertionResults
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`),
      ],
    }));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}
