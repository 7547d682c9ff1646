import './theme/tokens.css';
import './theme/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { TestcastError } from '@testcast/client';
import { createRoot } from 'react-dom/client';
import { router } from './router.ts';
import { applyTheme } from './shell/theme-choice.ts';

applyTheme();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // What the server refused for good will not be granted by asking again.
      retry: (count, error) => count < 3 && (!(error instanceof TestcastError) || error.temporary),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={queries}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);
