/** $1 project_id, $2 name, $3 default_branch, $4 repository_url, $5 created_at. Returns a row when it was created. */
export const insertProject = `
  insert into projects (project_id, name, default_branch, repository_url, created_at)
  values ($1, $2, $3, $4, $5)
  on conflict (project_id) do nothing
  returning project_id
`;
