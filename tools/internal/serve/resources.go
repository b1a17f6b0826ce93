package serve

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Check implements [pulumirpc.ResourceProviderServer].
func (s *Server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	failures, err := b.unknownInputs(req.GetUrn(), req.GetNews())
	if err != nil {
		return nil, err
	}
	if len(failures) > 0 {
		return &pulumirpc.CheckResponse{Inputs: req.GetNews(), Failures: failures}, nil
	}
	files := archives(req.GetUrn())
	req.Olds, req.News, err = files.hide2(req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}
	resp, err := b.bridge.Check(with(ctx, &operation{urn: req.GetUrn()}), req)
	if err != nil {
		return nil, err
	}
	files.show(resp.GetInputs())
	return resp, nil
}

// Diff implements [pulumirpc.ResourceProviderServer].
func (s *Server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	files := archives(req.GetUrn())
	req.Olds, req.News, err = files.hide2(req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}
	return b.bridge.Diff(with(ctx, &operation{urn: req.GetUrn()}), req)
}

// Create implements [pulumirpc.ResourceProviderServer].
func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	files := archives(req.GetUrn())
	if req.Properties, err = files.hide(req.GetProperties()); err != nil {
		return nil, err
	}
	if !req.GetPreview() {
		defer files.remove()
		if err := files.write(); err != nil {
			return nil, err
		}
	}
	op := &operation{urn: req.GetUrn(), timeout: seconds(req.GetTimeout()), keepPartial: true}
	resp, err := b.bridge.Create(with(ctx, op), req)
	if err != nil {
		return nil, err
	}
	files.show(resp.GetProperties())
	if op.failure != nil {
		return nil, initFailed(resp, op.failure)
	}
	return resp, nil
}

// Read implements [pulumirpc.ResourceProviderServer].
func (s *Server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.known(req.GetUrn()); err != nil {
		return nil, err
	}
	files := archives(req.GetUrn())
	req.Properties, req.Inputs, err = files.hide2(req.GetProperties(), req.GetInputs())
	if err != nil {
		return nil, err
	}
	resp, err := b.bridge.Read(with(ctx, &operation{urn: req.GetUrn()}), req)
	if err != nil {
		return nil, err
	}
	files.show(resp.GetProperties())
	files.show(resp.GetInputs())
	return resp, nil
}

// Update implements [pulumirpc.ResourceProviderServer].
//
// When it fails, the engine keeps the old state: unlike after a failed Create,
// the resource is known, and the next update tries the same change again.
func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	files := archives(req.GetUrn())
	req.Olds, req.News, err = files.hide2(req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}
	if !req.GetPreview() {
		defer files.remove()
		if err := files.write(); err != nil {
			return nil, err
		}
	}
	op := &operation{urn: req.GetUrn(), timeout: seconds(req.GetTimeout())}
	resp, err := b.bridge.Update(with(ctx, op), req)
	if err != nil {
		return nil, err
	}
	files.show(resp.GetProperties())
	return resp, nil
}

// Delete implements [pulumirpc.ResourceProviderServer].
func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	files := archives(req.GetUrn())
	req.Properties, req.OldInputs, err = files.hide2(req.GetProperties(), req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	op := &operation{urn: req.GetUrn(), timeout: seconds(req.GetTimeout())}
	return b.bridge.Delete(with(ctx, op), req)
}
