"""Where the rest of a report is, as the job that makes it knows."""

from collections.abc import Mapping
from urllib.parse import quote

from review.markdown import Links


def links(environment: Mapping[str, str]) -> Links:
    """Addresses for the comment: the job's run, where the page is kept, and the files of the commit.

    GitHub Actions and GitLab CI tell them; elsewhere there are none.
    """
    server, project = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if server and project:
        run, commit = environment.get("GITHUB_RUN_ID"), environment.get("GITHUB_SHA")
        return Links(
            report=f"{server}/{_path(project)}/actions/runs/{_path(run)}#artifacts" if run else "",
            files=f"{server}/{_path(project)}/blob/{_path(commit)}/" if commit else "",
        )
    address, commit = environment.get("CI_PROJECT_URL"), environment.get("CI_COMMIT_SHA")
    job = environment.get("CI_JOB_URL")
    return Links(
        report=f"{job}/artifacts/browse" if job else "",
        files=f"{address}/-/blob/{_path(commit)}/" if address and commit else "",
    )


def _path(text: str) -> str:
    return quote(text, safe="/")
