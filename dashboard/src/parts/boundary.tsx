// Keeps a mistake in one page from taking the frame with it: it is said, and the other pages stay in reach.

import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Trouble } from './trouble.tsx';

interface BoundaryProps {
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly error: Error | null;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <>
        <Trouble error={error} />
        <Button onClick={() => window.location.reload()}>Load the page anew</Button>
      </>
    );
  }
}
